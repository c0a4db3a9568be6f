"""What the world may tell us: one record type for orders, one a feed, one a kind of reference data.

Belongs here: the fields of each record, their kinds and simple limits; the gate validates by them, the
documentation is printed from them. Does not belong here: how a file is read (`channel`, `shopify`, `x12`) or
where a record is kept (`warehouse`).
"""

from __future__ import annotations

from collections.abc import Mapping

from oms_dagster.domain.capture.fields import Field, Record
from oms_dagster.domain.capture.fields import choice as _choice
from oms_dagster.domain.capture.fields import code as _code
from oms_dagster.domain.capture.transport_records import TRANSPORT

__all__ = [
    "FEEDS",
    "LATER_FIELDS",
    "LATEST_COUNTS",
    "ORDER",
    "RECORDS",
    "REFERENCE",
    "ROW_KINDS",
    "SOURCE",
    "Field",
    "Record",
]

SOURCE = _code("source", "who said so; `simulated` is shown with a badge")

#: Whether a substitute may go in a line's place.
CONSENTS = ("ask", "auto", "never")

ROW_KINDS = ("line", "shipping", "discount", "charge", "tax", "return", "adjustment")

ORDER = Record(
    "order", "order", ("channel_order_id", "order_version"),
    (
        _code("channel_order_id", "the channel's own number of the order", required=True),
        _code("order_version", "grows with each amendment (a time or a number); empty when the channel has none"),
        _choice("message_kind", "order", "change", "cancel",
                about="what the message asks for; a change names only lines that change, quantity 0 takes one off", required=False),
        _code("customer_code", "the customer's number in the reference data or the channel"),
        Field("customer_name"), Field("customer_email"), Field("customer_phone"),
        _code("customer_tax_id", "of who buys; one that begins with a country's code is held against that country's rule"),
        Field("placed_at", "timestamp", True, about="when the customer placed it"),
        Field("requested_from", "timestamp"), Field("requested_to", "timestamp", about="the customer's requested window"),
        Field("ship_after", "timestamp", about="nothing leaves before; a bare date is its beginning"),
        Field("ship_by", "timestamp", about="all is to have left by then; a bare date is its end. Plans go by it where no delivery is requested"),
        Field("cancel_after", "timestamp", about="what has not left by then the customer may refuse; a bare date is its end"),
        _code("incoterm", "terms of delivery: an Incoterms code, as DAP"), Field("incoterm_place", about="place that the terms name"),
        Field("currency", "code", True, about="ISO 4217"),
        _code("payment_method"),
        _choice("payment_status", "paid", "authorised", "pending", "on_account", "refunded", "voided", required=False),
        Field("is_test", "boolean"),
        Field("priority", "integer", minimum="1", maximum="9", about="1 first, 9 last"),
        _code("purchase_order_number", "the customer's own reference"),
        _code("external_ids", "other numbers by which the world calls the order, one blank apart"),
        Field("note"), Field("gift_note", about="what the giver says to who receives it"),
        Field("bill_to_name", about="who pays; all of bill_to empty: the customer"), Field("bill_to_street"),
        _code("bill_to_postcode"), Field("bill_to_city"), Field("bill_to_region"),
        _code("bill_to_country", "ISO 3166 alpha-2, or the country's name; one that is none stays as it came"),
        Field("ship_to_name"), Field("ship_to_street"), _code("ship_to_postcode"), Field("ship_to_city"),
        Field("ship_to_region"), _code("ship_to_country", "ISO 3166 alpha-2, or the country's name"),
        Field("latitude", "number", minimum="-90", maximum="90"),
        Field("longitude", "number", minimum="-180", maximum="180"),
        _code("pickup_location_code", "store at which the customer collects it (click and collect), by code or name; empty: it is delivered"),
        Field("prices_include_tax", "boolean"),
        Field("declared_total", "amount", about="the channel's own order total, compared with ours"),
        _choice("row_kind", *ROW_KINDS, about="what this row of the message is"),
        _code("line_number", "names the line within the order"),
        _code("sku_code"), _code("barcode"), Field("description"), _code("unit"),
        Field("quantity", "quantity", about="units; above 0 on a line"),
        Field("unit_price", "price"),
        Field("discount_amount", "amount", minimum="0", about="discount on the line, 0 or more"),
        Field("tax_amount", "amount"),
        Field("amount", "amount", about="of a shipping, discount, charge or tax row"),
        _code("kit_line_number", "of a line that is a part of a kit: the line of the order that sells the kit, whose money is spread over its parts"),
        _choice("substitution_consent", *CONSENTS, about="of a line: whether a substitute may go in its place; empty: as the customer says", required=False),
    ),
    "An order: one row a line or charge, the header repeated on each.",
)  # fmt: skip

#: Fields that came after homes had captured some of their records: where a message leaves them out, its content hash stays as it was.
LATER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "order": (
        "customer_tax_id",
        "ship_after",
        "ship_by",
        "cancel_after",
        "incoterm",
        "incoterm_place",
        "substitution_consent",
        "pickup_location_code",
        "kit_line_number",
    ),
    "stock": ("bin", "serial_number"),
    "floor": ("serial_number",),
    "returns": ("method",),
}

_STOCK_STATUSES = ("usable", "quarantine", "damaged", "on_hold")

FEEDS = (
    Record("stock", "feed", ("movement_id",), (
        _code("movement_id", required=True),
        _choice("kind", "receipt", "ship", "count", "variance", "transfer_out", "transfer_in", "return_restock",
                "scrap", "kit_assemble", "status_change", "opening",
                about="count: quantity is what was counted at event_at; transfer_out, transfer_in: both name the supply_id of their"
                      " transfer in `reference`, what left and has not come is in transit; kit_assemble: components below 0, the kit above;"
                      " status_change: two rows, out of one status and into another"),
        _code("sku_code", required=True), _code("location_code", required=True),
        _code("lot_id", "lot_code of `lots`; a count without one counts all lots of the status"),
        _choice("stock_status", *_STOCK_STATUSES, about="empty: usable", required=False),
        Field("quantity", "quantity", True, about="signed effect on on_hand; for a count the quantity counted"),
        _code("reason_code"), _code("reference", "supply_id, load_id or return_id that caused it"),
        Field("event_at", "timestamp", True), SOURCE,
        _code("bin", "where in the location it lies"), _code("serial_number", "of one unit: quantity 1 or -1"),
    ), "Stock movements, and counts at an instant."),
    Record("stock_snapshot", "feed", ("system", "sku_code", "location_code", "lot_id", "stock_status", "event_at"), (
        _code("system", "who says so, as the name of a warehouse system", required=True),
        _code("sku_code", required=True), _code("location_code", required=True),
        _code("lot_id", "empty: all lots together"),
        _choice("stock_status", *_STOCK_STATUSES, about="empty: whatever its status", required=False),
        Field("quantity", "quantity", True, about="on hand there at event_at, as that system has it"),
        Field("event_at", "timestamp", True), SOURCE,
    ), "What another system (WMS, ERP) has on hand at an instant. It changes nothing: it is compared with our movements up to that instant."),
    Record("supply", "feed", ("supply_id", "event_at"), (
        _code("supply_id", required=True), _choice("kind", "purchase", "transfer"),
        _code("sku_code", required=True), _code("location_code", "where it arrives", required=True),
        _code("from_location_code"), _code("supplier_code"),
        Field("quantity", "quantity", True, minimum="0", about="open quantity from event_at on"),
        Field("due_date", "date", True), _choice("status", "draft", "confirmed", "received", "cancelled"),
        Field("event_at", "timestamp", True), SOURCE,
    ), "Purchase and transfer order lines: the latest event of a line counts."),
    Record("payments", "feed", ("payment_id",), (
        _code("payment_id", required=True), _code("channel", required=True),
        _code("channel_order_id", required=True), _code("method"),
        _choice("event", "authorised", "captured", "refunded", "voided", "declined", "chargeback"),
        Field("amount", "amount", True, minimum="0"), Field("currency", "code", True),
        _code("payer_iban", "account that it came from, of a bank transfer"),
        Field("event_at", "timestamp", True), SOURCE,
    ), "Payment events of orders."),
    Record("receivables", "feed", ("invoice_number", "event_at"), (
        _code("invoice_number", required=True), _code("customer_code", required=True),
        Field("open_amount", "amount", True, about="still unpaid from event_at on; 0 when settled"),
        Field("currency", "code", True), Field("issued_at", "date"), Field("due_date", "date", True),
        Field("event_at", "timestamp", True), SOURCE,
    ), "Open invoices of customers: the latest event of an invoice counts."),
    Record("rates", "feed", ("currency", "rate_date"), (
        Field("currency", "code", True),
        Field("rate", "price", True, minimum="0.000001", about="units of the reporting currency for 1 unit"),
        Field("rate_date", "date", True), SOURCE,
    ), "Exchange rates into the reporting currency."),
    Record("floor", "feed", ("scan_id",), (
        _code("scan_id", required=True), _choice("kind", "pick", "pack", "check", "load"),
        _code("task_id", "pick task scanned"), _code("order_line_id", required=True),
        Field("quantity", "quantity", True, minimum="0"),
        _code("short_reason", "why less than asked was picked"),
        _code("package_id"), _code("package_type"), Field("weight_kg", "number", minimum="0"),
        _code("actor", "who scanned"), Field("event_at", "timestamp", True), SOURCE,
        _code("serial_number", "of the one unit scanned"),
    ), "Pick, pack, check and load scans."),
    Record("deliveries", "feed", ("event_id",), (
        _code("event_id", required=True), _code("shipment_id", required=True), _code("order_line_id"),
        _choice("outcome", "delivered", "refused", "absent", "lost", "damaged"),
        Field("quantity", "quantity", minimum="0", about="of one line; empty: all that was shipped"),
        Field("receiver"), _code("reason_code"), Field("event_at", "timestamp", True), SOURCE,
    ), "What drivers and carriers report, a shipment or a line of it."),
    Record("vendors", "feed", ("event_id",), (
        _code("event_id", required=True),
        _code("purchase_order_id", "the purchase order that it answers, as its envelope names it", required=True),
        _choice("kind", "accepted", "rejected", "shipped",
                about="accepted: it will ship, on ship_date; rejected: it will not, another place is sought; shipped: it is with the carrier"),
        Field("line_number", "integer", minimum="1", about="of the purchase order; empty: all its lines"),
        Field("quantity", "quantity", minimum="0", about="of one line; empty: all that has not left"),
        Field("ship_date", "date", about="of an acceptance: when it leaves; empty: as asked"),
        _code("carrier_code", "of a ship notice"), _code("tracking_number"), _code("reason_code", "why it was rejected, or leaves later"),
        Field("event_at", "timestamp", True), SOURCE,
    ), "What drop-ship vendors answer to purchase orders: acknowledgements and ship notices."),
    Record("returns", "feed", ("event_id",), (
        _code("event_id", required=True), _code("return_id", required=True),
        _choice("kind", "requested", "received", "inspected"),
        _code("order_line_id", required=True),
        Field("quantity", "quantity", True, minimum="0"),
        _choice("origin", "customer", "door", "store", "carrier", required=False),
        _code("reason_code"), _code("condition"),
        _choice("disposition", "restock", "refurbish", "vendor", "scrap", "donate", "back_to_customer", required=False),
        _choice("resolution", "refund", "credit", "exchange", "replacement", required=False),
        _code("location_code", "where it was received"),
        Field("event_at", "timestamp", True), SOURCE,
        _choice("method", "parcel", "pickup", "drop_off", about="of a request: how it comes back; pickup: our vehicle fetches what it brought. Empty: parcel", required=False),
    ), "Returns: asked for, received, inspected."),
    Record("empties", "feed", ("customer_code", "address_code", "sku_code", "event_at"), (
        _code("customer_code", required=True), _code("address_code", required=True),
        _code("sku_code", "the pallet, crate or keg: a SKU, for its weight and volume", required=True),
        _code("location_code", "where they are brought back to", required=True),
        Field("quantity", "quantity", True, minimum="0", about="lies there from event_at on, all of it to be picked up"),
        Field("event_at", "timestamp", True), SOURCE,
    ), "Empty pallets, crates and the like at a customer's address: the latest event counts, until a driver says that they were collected."),
    Record("pickups", "feed", ("event_id",), (
        _code("event_id", required=True), _code("pickup_id", "as on the load's papers: a return_id, or of empties", required=True),
        _code("load_id", "on which it was to be collected"),
        _choice("outcome", "collected", "not_collected", about="not_collected: it is planned again"),
        _code("reason_code"), Field("event_at", "timestamp", True), SOURCE,
    ), "What drivers report of what they were to pick up."),
    Record("yard", "feed", ("event_id",), (
        _code("event_id", required=True), _code("visit_id", required=True), _code("load_id"), _code("dock_id"),
        _choice("kind", "gate_in", "dock_in", "loading_start", "loading_end", "gate_out", "returned"),
        Field("event_at", "timestamp", True), SOURCE,
    ), "Gate and dock events of vehicles."),
    Record("opening", "feed", ("event_id",), (
        _code("event_id", required=True), _code("order_line_id", required=True), _choice("kind", "shipped", "delivered"),
        Field("quantity", "quantity", True, minimum="0"), Field("event_at", "timestamp", True), SOURCE,
    ), "Go-live: units of order lines that had left before the orders came here. Stock is opened by `stock`, of kind `opening`, open invoices by `receivables`."),
)  # fmt: skip

#: Feeds of which the latest event of a key counts and is booked nowhere: another content of it may replace one.
LATEST_COUNTS = ("supply", "receivables", "rates", "empties")

TEMPERATURES = ("ambient", "chilled", "frozen")
HAZARDS = ("none", "flammable", "corrosive", "toxic")

REFERENCE = (
    Record("customers", "reference", ("customer_code",), (
        _code("customer_code", required=True), Field("name", required=True), Field("email"), Field("phone"),
        _code("tax_id"), _code("segment"), Field("priority", "integer", minimum="1", maximum="9"),
        Field("credit_limit", "amount", minimum="0", about="empty: pays before delivery, no credit"),
        Field("currency", "code"), Field("credit_limit_expiry", "date"),
        Field("is_blocked", "boolean"), Field("block_reason"), Field("ship_complete", "boolean"),
        Field("max_splits", "integer", minimum="1"), _code("price_list"),
        _code("parent_code", "the customer whose credit limit it shares"),
        _choice("risk_class", "a", "b", "c", "d", "e", about="credit rating, a best; empty: not rated", required=False),
        Field("prepayment_pct", "number", minimum="0", maximum="100", about="share of an order on account to be paid in advance"),
        Field("min_remaining_life_days", "integer", minimum="0", about="days that goods must last after delivery to it; the longer of this and the SKU's counts"),
        _choice("substitution_consent", *CONSENTS, about="whether a substitute may go in a line's place; empty: as `sku_substitutes` says", required=False),
    ), "Customers with their credit and delivery terms."),
    Record("addresses", "reference", ("customer_code", "address_code"), (
        _code("customer_code", required=True), _code("address_code", required=True), Field("name"), Field("street"),
        _code("postcode"), Field("city", required=True), Field("region"), Field("country", "code", True),
        Field("latitude", "number", True, minimum="-90", maximum="90"),
        Field("longitude", "number", True, minimum="-180", maximum="180"),
        Field("window_from", "time", about="local time, every weekday unless `delivery_windows` says otherwise"),
        Field("window_to", "time"), Field("service_min", "integer", minimum="0"),
        Field("closed_from", "time", about="no delivery begins between closed_from and closed_to, as over lunch"), Field("closed_to", "time"),
        _code("skills", "what a visit needs of vehicle and driver, as tail-lift|two-person"),
        _code("vehicle_classes", "vehicle_class of the vehicles that can come to it, separated by |; empty: any"),
    ), "Delivery addresses of customers, with coordinates and the usual window."),
    Record("delivery_windows", "reference", ("customer_code", "address_code", "weekday"), (
        _code("customer_code", required=True), _code("address_code", required=True),
        Field("weekday", "integer", True, minimum="1", maximum="7", about="ISO: 1 Monday"),
        Field("window_from", "time", True), Field("window_to", "time", True),
        Field("closed_from", "time", about="no delivery begins between closed_from and closed_to on that day"), Field("closed_to", "time"),
    ), "Windows of an address on one weekday."),
    Record("skus", "reference", ("sku_code",), (
        _code("sku_code", required=True), Field("name", required=True), _code("barcode"), _code("unit"),
        Field("weight_kg", "number", True, minimum="0"), Field("volume_m3", "number", True, minimum="0"),
        _choice("temperature_class", *TEMPERATURES, required=False), _choice("hazard_class", *HAZARDS, required=False),
        Field("cost", "price", minimum="0"), Field("currency", "code"), Field("list_price", "price", minimum="0"),
        Field("safety_stock", "quantity", minimum="0"), Field("reorder_point", "quantity", minimum="0"),
        Field("is_active", "boolean"), Field("available_from", "date", about="ships from this day on; orders until then are pre-orders"),
        _code("tariff_number", "of the customs tariff"),
        _code("origin_country", "ISO 3166 alpha-2, for customs"),
        _code("item_group", "SKUs of one group on one order leave together, from one location on one day"),
        Field("min_remaining_life_days", "integer", minimum="0", about="days that a unit must last after delivery; empty: to the day of delivery"),
        Field("is_serial_tracked", "boolean", about="each unit has its serial number: a pick without one is an exception"),
        _code("supplier_code", "who is asked for it"),
        Field("order_multiple", "quantity", minimum="0.001", about="bought in multiples of it; empty: of the smallest unit of `sku_units` that holds several"),
        Field("min_order_quantity", "quantity", minimum="0", about="the least that is bought at once"),
        _code("goods_class", "what it counts as where goods may not travel together (policy loads.apart), as food"),
        Field("length_mm", "integer", minimum="1", maximum="30000", about="of a unit; with width, height and the vehicle's cargo space, a load is checked for room by layers"),
        Field("width_mm", "integer", minimum="1", maximum="30000", about="of a unit"), Field("height_mm", "integer", minimum="1", maximum="30000", about="of a unit, this side up"),
        Field("is_stackable", "boolean", about="something may stand on a unit; empty: yes"),
    ), "Stock keeping units."),
    Record("lots", "reference", ("sku_code", "lot_code"), (
        _code("sku_code", required=True), _code("lot_code", required=True),
        Field("expiry", "date", about="last day on which it may be used; empty: lasts"), Field("manufactured", "date"),
        _choice("status", "approved", "quarantine", "on_hold", "recalled", "damaged", about="empty: approved. Only what is approved is promised", required=False),
    ), "Lots of SKUs: how long they last and whether they may go out."),
    Record("customer_exclusions", "reference", ("customer_code", "location_code"), (
        _code("customer_code", required=True), _code("location_code", required=True),
        Field("valid_from", "date"), Field("valid_until", "date", about="the last day; empty: until further notice"), Field("reason"),
    ), "Locations that a customer may not be served from."),
    Record("sku_substitutes", "reference", ("sku_code", "substitute_sku_code"), (
        _code("sku_code", "what was ordered", required=True), _code("substitute_sku_code", "what may go in its place", required=True),
        Field("factor", "number", minimum="0.001", maximum="1000", about="units of the substitute for one unit; empty: 1"),
        Field("rank", "integer", minimum="1", about="1 is offered first"),
        _choice("price_policy", "keep", "lower", "new", required=False,
                about="keep: the customer pays what was agreed; new: the substitute's list price; lower: the lower of both. Empty: keep"),
        _choice("consent", *CONSENTS, about="where neither line nor customer says: ask: a person asks the customer; auto: it goes unasked"
                " where the line would be late; never: it is not offered. Empty: ask", required=False),
        Field("valid_from", "date"), Field("valid_until", "date", about="the last day; empty: until further notice"),
    ), "Which SKU may go in another's place."),
    Record("sku_components", "reference", ("sku_code", "component_sku_code"), (
        _code("sku_code", "the kit: a SKU that is sold and holds no stock of its own", required=True),
        _code("component_sku_code", "a part of it", required=True),
        Field("quantity", "quantity", True, minimum="0", about="units of the part in one kit; 0: no part of it any more"),
    ), "What a kit consists of: an order line of it becomes lines of its parts when it is captured."),
    Record("sku_units", "reference", ("sku_code", "unit"), (
        _code("sku_code", required=True),
        _code("unit", "UN/ECE Recommendation 20 code, as XCS for a case, or the very word that a partner sends", required=True),
        Field("factor", "number", True, minimum="0.000001", maximum="1000000", about="units of the SKU's own `unit` in one of these"),
    ), "How much a case, pallet or other unit holds of a SKU. Dozens, grams and what else holds for all goods needs no row."),
    Record("locations", "reference", ("location_code",), (
        _code("location_code", required=True), Field("name", required=True), _choice("kind", "dc", "store", "vendor"),
        Field("street"), _code("postcode"), Field("city", required=True), Field("country", "code", True),
        Field("latitude", "number", True, minimum="-90", maximum="90"),
        Field("longitude", "number", True, minimum="-180", maximum="180"),
        _code("timezone", "IANA name", required=True),
        Field("opens", "time"), Field("closes", "time"),
        Field("cutoff", "time", about="what is ordered later ships a working day later; empty: when own vehicles leave"),
        _code("ships_on", "ISO weekdays on which it ships, as 1-5 or 1|3|5; empty: every day"),
        _code("holidays", "country or subdivision whose public holidays it keeps, as GB-SCT; empty: its country, `none`: it keeps none"),
        Field("processing_days", "integer", minimum="0"), Field("handling_cost", "amount", minimum="0"),
        Field("max_lines_day", "integer", minimum="1", about="order lines that it can release in a day"),
        Field("max_orders_day", "integer", minimum="1", about="orders of which it can ship something in a day"),
        Field("pick_hours_day", "number", minimum="0", about="hours that all its pickers work in a day"),
        Field("dock_hours_day", "number", minimum="0", about="hours that all its docks load in a day"),
        Field("docks", "integer", minimum="1", about="doors at which own vehicles are loaded, one at a time each; empty: loading takes no time"), Field("dock_opens", "time", about="own vehicles are loaded from then on; empty: from policy loads.departure_time on"), Field("dock_closes", "time"),
        Field("floor_minimum", "quantity", minimum="0", about="of a store: units of each SKU that stay on its floor, never promised to what is shipped"),
        Field("not_ready_until", "timestamp", about="takes no work before then"), Field("not_ready_reason"),
    ), "Warehouses, stores and drop-ship vendors."),
    Record("bins", "reference", ("location_code", "sku_code"), (
        _code("location_code", required=True), _code("sku_code", required=True), _code("bin", required=True),
        _code("zone"), Field("pick_sequence", "integer", True, minimum="0"),
    ), "Where a SKU lies in a location, and when the picker passes it."),
    *TRANSPORT,
    Record("suppliers", "reference", ("supplier_code",), (
        _code("supplier_code", required=True), Field("name", required=True), Field("lead_time_days", "integer", minimum="0"), Field("currency", "code"),
        Field("lead_time_deviation_days", "number", minimum="0", about="standard deviation of the lead time, until receipts tell it"),
        Field("min_order_value", "amount", minimum="0", about="the least that an order is worth, in its currency"),
    ), "Suppliers."),
    Record("prices", "reference", ("price_list", "sku_code", "valid_from"), (
        _code("price_list", required=True), _code("sku_code", required=True), Field("unit_price", "price", True, minimum="0"),
        Field("currency", "code", True), Field("valid_from", "date", True),
        Field("min_price", "price", minimum="0", about="no line goes below it without a look"),
    ), "Price lists."),
)  # fmt: skip

RECORDS: Mapping[str, Record] = {record.name: record for record in (ORDER, *FEEDS, *REFERENCE)}
