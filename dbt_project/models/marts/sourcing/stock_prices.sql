select
    prices.sku_id,
    prices.location_id,
    prices.from_date,
    prices.price,
    {{ policy('reporting.currency') }} as currency,
    {{ cycle_columns() }}
from {{ ref('stg_plans__stock_prices') }} as prices
