select
    files.file_sha256,
    files.file_name,
    files.channel,
    files.bytes,
    files.lines_read,
    files.lines_accepted,
    files.lines_quarantined,
    files.messages,
    files.captured_at,
    files.modified_ns,
    files.lines_duplicate,
    files.lines_conflict,
    files.messages_accepted,
    files.messages_duplicate,
    files.messages_conflict,
    files.messages_quarantined,
    {{ cycle_columns() }}
from {{ ref('stg_facts__capture_files') }} as files
