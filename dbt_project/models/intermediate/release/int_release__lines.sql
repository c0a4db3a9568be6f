{{ config(materialized='view') }}
-- One row per promised quantity that goes to the floor now.
select queue.*
from {{ ref('int_release__queue') }} as queue
where queue.waits_for is null
