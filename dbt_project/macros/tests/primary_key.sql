{#- The columns name each row: none is null, no two rows share them. `nullable` columns may be null and still tell rows apart. -#}
{% test primary_key(model, columns, nullable=[]) %}
select {{ (columns + nullable) | join(', ') }}, count(*) as found
from {{ model }}
group by {{ (columns + nullable) | join(', ') }}
having count(*) > 1 {% for column in columns %} or {{ column }} is null{% endfor %}

{% endtest %}
