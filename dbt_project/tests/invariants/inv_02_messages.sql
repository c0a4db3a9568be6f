{{ config(tags=['invariant']) }}
-- Invariant 2, messages: nothing of a file is lost, nothing is read twice.
with logged as (

    select
        messages.channel,
        messages.file_name,
        messages.file_sha256,
        count(*) as messages,
        count(case when messages.outcome = 'accepted' then 1 end) as accepted,
        count(case when messages.outcome = 'duplicate' then 1 end) as duplicate,
        count(case when messages.outcome = 'conflict' then 1 end) as conflict,
        count(case when messages.outcome = 'quarantined' then 1 end) as quarantined
    from {{ ref('stg_facts__capture_messages') }} as messages
    group by messages.channel, messages.file_name, messages.file_sha256

),

files as (

    select
        files.channel,
        files.file_name,
        files.file_sha256,
        count(*) as files,
        count(distinct files.modified_ns) as times,
        sum(files.messages) as messages,
        min(files.messages) as fewest,
        sum(files.messages_accepted) as accepted,
        sum(files.messages_duplicate) as duplicate,
        sum(files.messages_conflict) as conflict,
        sum(files.messages_quarantined) as quarantined,
        sum(files.lines_read) as lines_read,
        sum(files.lines_accepted + files.lines_quarantined + files.lines_duplicate + files.lines_conflict) as lines_ended
    from {{ ref('stg_facts__capture_files') }} as files
    group by files.channel, files.file_name, files.file_sha256

)

select
    'file' as subject_type,
    coalesce(files.channel, logged.channel) || '/' || coalesce(files.file_name, logged.file_name) as subject_id,
    case
        when files.file_sha256 is null or logged.file_sha256 is null then 'INV-02-LOST'
        when files.files > files.times then 'INV-02-TWICE'
        when files.lines_read <> files.lines_ended then 'INV-02-LINES'
        else 'INV-02-MESSAGES'
    end as rule,
    coalesce(cast(files.messages as varchar), 'no') || ' messages counted and ' || coalesce(cast(logged.messages as varchar), 'none') || ' kept; '
    || coalesce(cast(files.lines_read as varchar), 'no') || ' lines read and ' || coalesce(cast(files.lines_ended as varchar), 'none') || ' with an outcome' as reason
from files
full join logged
    on files.channel = logged.channel and files.file_name = logged.file_name and files.file_sha256 = logged.file_sha256
where
    files.file_sha256 is null
    or logged.file_sha256 is null
    or files.files > files.times
    or coalesce(files.fewest, 0) < 1
    or files.messages <> files.accepted + files.duplicate + files.conflict + files.quarantined
    or files.messages <> logged.messages
    or files.accepted <> logged.accepted
    or files.duplicate <> logged.duplicate
    or files.conflict <> logged.conflict
    or files.quarantined <> logged.quarantined
    or files.lines_read <> files.lines_ended
