{#- round(total * part / whole) to the cent, half up, in integers: the twin of `pro_rata` in oms_dagster/domain/quantities.py.
    DuckDB divides decimals as doubles, which miss half cents. Null where `whole` is 0. -#}
{% macro pro_rata(total, part, whole) -%}
    cast(cast(
        sign({{ total }}) * (
            (2 * abs(cast(({{ total }}) * 100 as hugeint)) * cast(({{ part }}) * 1000 as hugeint) + cast(({{ whole }}) * 1000 as hugeint))
            // (2 * cast(({{ whole }}) * 1000 as hugeint))
        ) as decimal(18, 0)
    ) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
{%- endmacro %}
