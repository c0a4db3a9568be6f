select
    * exclude (key),
    {{ cycle_columns() }}
from {{ ref('int_locations__in_force') }}
