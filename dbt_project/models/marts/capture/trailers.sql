select
    * exclude (key),
    {{ cycle_columns() }}
from {{ ref('int_trailers__in_force') }}
