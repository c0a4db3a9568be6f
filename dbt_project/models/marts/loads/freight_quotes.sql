select
    quotes.shipment_id,
    quotes.carrier_id,
    quotes.service,
    quotes.parcels,
    quotes.chargeable_kg,
    quotes.quote,
    quotes.currency,
    quotes.collected_on,
    quotes.arrives_on,
    quotes.is_chosen,
    quotes.reason,
    quotes.quote_base,
    {{ cycle_columns() }}
from {{ ref('stg_plans__freight_quotes') }} as quotes
