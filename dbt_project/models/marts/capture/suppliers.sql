select
    * exclude (key),
    {{ cycle_columns() }}
from {{ ref('int_suppliers__in_force') }}
