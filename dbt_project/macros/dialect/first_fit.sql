{#- Who misses out when room goes to a queue one by one, who does not fit being passed over: a list of order_id and of the room that
    was used when its turn came. `queue` is a list of structs (order_id, amount, takes_always) in the order of their turns. -#}
{% macro first_fit(queue, room) -%}{{ adapter.dispatch('first_fit', 'oms')(queue, room) }}{%- endmacro %}
{% macro default__first_fit(queue, room) -%}
    aggregate(
        {{ queue }},
        named_struct('used', cast(0 as decimal(18, 2)), 'missed', cast(array() as array<struct<order_id: string, used: decimal(18, 2)>>)),
        (taken, next) -> named_struct(
            'used', cast(taken.used + case when next.takes_always or taken.used + next.amount <= {{ room }} then next.amount else 0 end as decimal(18, 2)),
            'missed', case when taken.used + next.amount > {{ room }}
                then array_append(taken.missed, named_struct('order_id', next.order_id, 'used', taken.used)) else taken.missed end
        )
    ).missed
{%- endmacro %}
{% macro duckdb__first_fit(queue, room) -%}
    (list_reduce(
        {{ queue }},
        lambda taken, next: struct_pack(
            used := cast(taken.used + case when next.takes_always or taken.used + next.amount <= {{ room }} then next.amount else 0 end as decimal(18, 2)),
            missed := case when taken.used + next.amount > {{ room }}
                then list_append(taken.missed, struct_pack(order_id := next.order_id, used := taken.used)) else taken.missed end
        ),
        struct_pack(used := cast(0 as decimal(18, 2)), missed := cast([] as struct(order_id varchar, used decimal(18, 2))[]))
    )).missed
{%- endmacro %}
