select
    messages.message_id,
    messages.channel,
    messages.file_name,
    messages.file_sha256,
    messages.position,
    messages.outcome,
    messages.error_code,
    messages.error_field,
    messages.error_detail,
    messages.order_id,
    messages.received_at,
    messages.record,
    messages.message_key,
    messages.lines,
    {{ cycle_columns() }}
from {{ ref('stg_facts__capture_messages') }} as messages
