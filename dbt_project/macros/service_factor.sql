{#- Standard normal deviate of a service level in percent: 95 -> 1.645, three places (Abramowitz and Stegun 26.2.23, off by less than
    0.0005). Levels below 50 count as 50, above 99.99 as 99.99. -#}
{% macro service_factor(percent) -%}
    {%- set t = 'sqrt(-2 * ln(1 - cast(least(99.99, greatest(50, ' ~ percent ~ ')) as double) / 100))' -%}
    cast(greatest(0, round({{ t }} - (2.515517 + 0.802853 * {{ t }} + 0.010328 * {{ t }} * {{ t }})
        / (1 + 1.432788 * {{ t }} + 0.189269 * {{ t }} * {{ t }} + 0.001308 * {{ t }} * {{ t }} * {{ t }}), 3)) as decimal(18, 3))
{%- endmacro %}
