{#- Great-circle distance in km (haversine, radius 6371.0088 km), rounded so that it may be compared and summed. -#}
{% macro distance_km(lat_a, lon_a, lat_b, lon_b) -%}
    cast(round(2 * 6371.0088 * asin(sqrt(
        pow(sin(radians(cast({{ lat_b }} as double) - cast({{ lat_a }} as double)) / 2), 2)
        + cos(radians(cast({{ lat_a }} as double))) * cos(radians(cast({{ lat_b }} as double)))
        * pow(sin(radians(cast({{ lon_b }} as double) - cast({{ lon_a }} as double)) / 2), 2)
    )), 3) as decimal(18, 3))
{%- endmacro %}
