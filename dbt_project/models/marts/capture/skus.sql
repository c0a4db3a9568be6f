select
    skus.* exclude (key),
    {{ cycle_columns() }}
from {{ ref('int_skus__in_force') }} as skus
