select
    * exclude (key),
    {{ cycle_columns() }}
from {{ ref('int_customers__in_force') }}
