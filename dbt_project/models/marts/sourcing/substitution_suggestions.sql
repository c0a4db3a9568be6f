-- What could go in the place of what waits.
select
    suggested.*,
    {{ cycle_columns() }}
from {{ ref('int_substitutions__suggested') }} as suggested
