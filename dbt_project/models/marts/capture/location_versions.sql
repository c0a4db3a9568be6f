select
    * exclude (key, valid_from, valid_to),
    valid_from,
    valid_to,
    {{ cycle_columns() }}
from {{ ref('stg_reference__locations') }}
