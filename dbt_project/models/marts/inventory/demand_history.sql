select
    demand.*,
    {{ cycle_columns() }}
from {{ ref('int_demand__daily') }} as demand
