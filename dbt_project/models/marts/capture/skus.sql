select
    * exclude (key),
    {{ cycle_columns() }}
from {{ ref('int_skus__in_force') }}
