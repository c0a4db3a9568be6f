-- HOLD-SKU-INVALID. One row per line with open units whose SKU is unknown or no longer sold, or that is ordered in a unit of
-- which nothing says how much of the SKU it holds. The remedy names up to three SKUs
-- that are sold and whose number, or name, is nearly what the order says: for a person to choose from, never chosen here.
with invalid as (

    select
        lines.order_id,
        lines.order_line_id,
        lines.line_number,
        lines.sku_id,
        lines.description,
        lines.quantity_doc,
        lines.uom_doc,
        lines.base_unit,
        skus.sku_id is null as is_unknown,
        coalesce(skus.is_active, skus.sku_id is not null) as is_sold
    from {{ ref('int_order_lines__balanced') }} as lines
    inner join {{ ref('int_orders__outstanding') }} as orders on lines.order_id = orders.order_id
    left join {{ ref('int_skus__in_force') }} as skus on lines.sku_id = skus.sku_id
    where lines.qty_open > 0 and (skus.sku_id is null or not coalesce(skus.is_active, true) or lines.awaits_unit_factor)

),

asked as (

    select distinct
        invalid.sku_id,
        invalid.description
    from invalid
    where invalid.sku_id is not null and not invalid.is_sold

),

compared as (

    select
        asked.sku_id,
        asked.description,
        skus.sku_id as other_id,
        skus.name as other_name,
        {{ likeness('asked.sku_id', 'skus.sku_id') }} as code_likeness,
        case when asked.description <> asked.sku_id then {{ likeness('asked.description', 'skus.name') }} else 0 end as name_likeness
    from asked
    inner join {{ ref('int_skus__in_force') }} as skus on asked.sku_id <> skus.sku_id and coalesce(skus.is_active, true)

),

ranked as (

    select
        compared.*,
        row_number() over (
            partition by compared.sku_id, compared.description
            order by greatest(compared.code_likeness, compared.name_likeness) desc, compared.other_id
        ) as place
    from compared
    where compared.code_likeness >= 0.88 or compared.name_likeness >= 0.92

),

near as (

    select
        ranked.sku_id,
        ranked.description,
        max(case when ranked.place = 1 then ranked.other_id || coalesce(' (' || ranked.other_name || ')', '') end)
        || coalesce(max(case when ranked.place = 2 then ', ' || ranked.other_id || coalesce(' (' || ranked.other_name || ')', '') end), '')
        || coalesce(max(case when ranked.place = 3 then ', ' || ranked.other_id || coalesce(' (' || ranked.other_name || ')', '') end), '')
            as suggestions
    from ranked
    where ranked.place <= 3
    group by ranked.sku_id, ranked.description

)

select
    'line' as scope,
    invalid.order_line_id as subject_id,
    invalid.order_id,
    invalid.order_line_id,
    coalesce(invalid.sku_id, '(none)') as observed,
    'an active SKU of the reference data, and a unit that it can be counted in' as threshold,
    1 as distance,
    'facts' as unit,
    case
        when invalid.is_sold
            then 'ordered are ' || cast(invalid.quantity_doc as varchar) || ' ' || invalid.uom_doc || ', and nothing says how many '
                || invalid.base_unit || ' of SKU ' || invalid.sku_id || ' one of them holds'
        when invalid.is_unknown then 'SKU ' || coalesce(invalid.sku_id, '(none)') || ' is not in the reference data'
        else 'SKU ' || invalid.sku_id || ' is no longer active'
    end as explanation,
    case
        when invalid.is_sold
            then 'load sku_units with SKU ' || invalid.sku_id || ' and unit ' || invalid.uom_doc || ', or cancel line ' || invalid.line_number
        else 'load SKU ' || coalesce(invalid.sku_id, '(none)') || ' with the reference data, or cancel line ' || invalid.line_number
    || coalesce('; near it: ' || near.suggestions, '')
    end as remedy,
    {{ evidence({
        'sku': 'invalid.sku_id', 'description': 'invalid.description', 'is_unknown': 'invalid.is_unknown', 'unit': 'invalid.uom_doc',
        'near': 'near.suggestions',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from invalid
left join near on invalid.sku_id = near.sku_id and invalid.description = near.description
