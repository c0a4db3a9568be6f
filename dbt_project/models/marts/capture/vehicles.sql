select
    * exclude (key),
    {{ cycle_columns() }}
from {{ ref('int_vehicles__in_force') }}
