-- One row per order line: what it asks for and how many units are in each ledger bucket, folded from its events.
with versions as (

    select
        lines.*,
        sum(lines.quantity_added) over (partition by lines.order_line_id) as qty_ordered,
        row_number() over (
            partition by lines.order_line_id
            order by {{ version_order('lines.order_version', 'desc') }}, lines.cycle_seq desc, lines.message_id desc
        ) as newest_first
    from {{ ref('stg_facts__order_lines') }} as lines

),

moves as (

    select
        events.order_line_id,
        events.from_bucket as bucket,
        -events.quantity as quantity
    from {{ ref('stg_facts__line_events') }} as events

    union all

    select
        events.order_line_id,
        events.to_bucket as bucket,
        events.quantity
    from {{ ref('stg_facts__line_events') }} as events

),

folded as (

    select
        moves.order_line_id,
        {% for bucket in ledger_buckets() -%}
        sum(case when moves.bucket = '{{ bucket }}' then moves.quantity else 0 end) as qty_{{ bucket }}{{ "," if not loop.last }}
        {% endfor %}
    from moves
    group by moves.order_line_id

)

select
    versions.order_line_id,
    versions.order_id,
    versions.line_number,
    versions.sku_id,
    skus.sku_id is not null as is_known_sku,
    coalesce(skus.name, versions.description, versions.sku_id) as description,
    orders.currency,
    versions.unit_price,
    versions.discount_share,
    versions.tax_amount,
    versions.line_total,
    versions.quantity as qty_priced,
    versions.substitution_consent,
    versions.substitution_of_line_id,
    versions.substitution_factor,
    versions.kit_line_id,
    versions.kit_sku_id,
    coalesce(versions.quantity_doc, versions.quantity) as quantity_doc,
    coalesce(versions.unit_code, versions.unit) as uom_doc,
    versions.unit_factor,
    versions.quantity_doc is not null and versions.unit_factor is null as awaits_unit_factor,
    coalesce(skus.unit, 'C62') as base_unit,
    cast(versions.qty_ordered as decimal(18, 3)) as qty_ordered,
    {% for bucket in ledger_buckets() -%}
    cast({{ "versions.qty_ordered + " if bucket == "open" }}coalesce(folded.qty_{{ bucket }}, 0) as decimal(18, 3)) as qty_{{ bucket }}{{ "," if not loop.last }}
    {% endfor %}
from versions
inner join {{ ref('int_orders__current') }} as orders
    on versions.order_id = orders.order_id
left join folded
    on versions.order_line_id = folded.order_line_id
left join {{ ref('int_skus__in_force') }} as skus
    on versions.sku_id = skus.sku_id
where versions.newest_first = 1
