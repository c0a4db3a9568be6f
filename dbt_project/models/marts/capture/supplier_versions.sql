select
    versions.* exclude (key, valid_from, valid_to),
    versions.valid_from,
    versions.valid_to,
    {{ cycle_columns() }}
from {{ ref('stg_reference__suppliers') }} as versions
