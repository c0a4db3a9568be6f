"""The published tables and their columns, as the contract names them: the floor under every mart."""

CONTRACT = """
cycles: cycle_id, as_of, started_at, ended_at, seed, orders_captured, lines_open, input_hash, plan_hash, code_version, status
capture_files: file_sha256, file_name, channel, bytes, lines_read, lines_accepted, lines_quarantined, messages, captured_at
capture_messages: message_id, channel, file_name, file_sha256, position, outcome, error_code, error_field, error_detail, order_id, received_at
orders: order_id, channel, channel_order_id, customer_id, order_type, placed_at, requested_from, requested_to, promised_at, priority, currency, items_total, discount_total, shipping_total, charge_total, tax_total, rounding_total, order_total, is_test, fulfilment_status, payment_status, invoice_status, return_status, is_held, ship_to_city, ship_to_region, ship_to_country, latitude, longitude
order_lines: order_line_id, order_id, line_number, sku_id, currency, unit_price, discount_share, tax_amount, line_total, qty_ordered, qty_open, qty_held, qty_promised, qty_backordered, qty_unplanned, qty_released, qty_picked, qty_packed, qty_loaded, qty_shipped, qty_delivered, qty_cancelled, qty_refused, qty_lost, qty_returned, promised_at, promised_location_id
line_events: event_id, order_line_id, from_bucket, to_bucket, quantity, location_id, lot_id, document_id, reason_code, event_at, recorded_at, actor
order_holds: hold_id, order_id, order_line_id, hold_type, family, scope, status, observed, threshold, explanation, remedy, placed_at, cleared_at, cleared_by, clear_reason, rule_version
inventory_positions: sku_id, location_id, on_hand, unusable, reserved, promised, available, inbound, atp, online_atp, safety_stock, reorder_point, days_of_supply, stock_status
supply: supply_id, kind, sku_id, location_id, supplier_id, quantity_open, due_date, status
stock_movements: movement_id, kind, stock_status, sku_id, location_id, lot_id, quantity, reference, event_at
promises: order_line_id, sku_id, lot_id, location_id, supply_id, quantity, ship_date, deliver_date, first_promised_at, cost, explanation, runner_up_location_id, runner_up_cost, is_firm
reservations: order_line_id, sku_id, location_id, lot_id, quantity, wave_id
backorders: order_line_id, quantity, since, expected_cover_date, cover_reference, reason
replenishment_suggestions: sku_id, location_id, kind, quantity, source, needed_by, reason
demand_forecast: sku_id, location_id, day, quantity, lower, upper, method, wape
waves: wave_id, location_id, cutoff, status
pick_tasks: task_id, wave_id, batch_id, bin, pick_sequence, order_line_id, sku_id, lot_id, qty_to_pick, qty_picked, status, short_reason
packages: package_id, shipment_id, box_type, weight_kg, volume_m3, sscc, tracking_number
shipments: shipment_id, order_id, location_id, mode, carrier_id, service, weight_kg, volume_m3, value, window_from, window_to, status, tracking_status, freight_quote, chosen_because
shipment_lines: shipment_id, order_line_id, sku_id, lot_id, quantity
loads: load_id, mode, location_id, vehicle_id, driver_id, status, weight_kg, volume_m3, stops, value, capacity_kg, capacity_m3, utilisation, binding_dimension, is_locked, planned_departure, departed_at, returned_at
freight_quotes: shipment_id, carrier_id, service, parcels, chargeable_kg, quote, currency, collected_on, arrives_on, is_chosen, reason
load_shipments: load_id, shipment_id, stop_sequence, load_position
routes: load_id, distance_km, duration_min, drive_min, service_min, wait_min, late_min, cost, currency, engine, seed, baseline_distance_km
route_stops: load_id, stop_sequence, shipment_ids, latitude, longitude, window_from, window_to, eta, departure, service_min, late_min, distance_km, is_locked, result, arrived_at
dropped_shipments: shipment_id, reason, cheapest_fix
documents: document_id, document_type, number, series, load_id, shipment_id, order_id, status, issued_at, file, sha256, template_version
deliveries: shipment_id, load_id, outcome, attempted_at, delivered_at, receiver, reason_code
settlements: load_id, part, payment_form, expected, returned, due, received, driver_debit, driver_credit, difference, status, signed_by, signed_at
returns: return_id, order_line_id, origin, reason_code, resolution, replacement_order_id, qty_requested, qty_authorised, qty_received, qty_accepted, qty_unexpected, disposition, unit_refund, refund_total, status, requested_at, closed_at
returns_reconciliation: return_id, order_line_id, received_vs_authorised, restocked_qty, credited_total, refunded_total, difference, status, explanation
invoices: number, order_id, shipment_id, total, tax_total, currency, issued_at
payments: payment_id, order_id, method, event, amount, event_at
credit_notes: credit_note_id, order_id, total, tax_total, currency, issued_at
refunds: refund_id, order_id, method, amount, event_at
reconciliation_exceptions: kind, key, expected, found, difference, age_days, owner, status
customers: customer_id
skus: sku_id
locations: location_id
vehicles: vehicle_id
suppliers: supplier_id
customer_versions: customer_id, valid_from, valid_to
sku_versions: sku_id, valid_from, valid_to
location_versions: location_id, valid_from, valid_to
vehicle_versions: vehicle_id, valid_from, valid_to
supplier_versions: supplier_id, valid_from, valid_to
customer_360: customer_id, orders, revenue, open_exposure, credit_limit, credit_available, return_rate, on_time_rate, last_order_at, segment
decisions: decision_id, cycle_id, stage, subject_type, subject_id, chosen, because, runner_up, runner_up_delta, actor
solver_runs: cycle_id, stage, scope, engine, status, objective, baseline, baseline_objective, bound, bound_kind, gap, effort, fuse, wall_s, seed, size
commands: command_id, sequence, type, target, actor, reason, issued_at, seen_cycle_id, outcome, outcome_reason, cycle_id
notifications: notification_id, event, template, recipient, channel, state, attempts
yard_visits: visit_id, load_id, dock_id, gate_in, dock_in, loading_start, loading_end, gate_out
alerts: alert_id, kind, severity, subject_type, subject_id, message, raised_at, owner, status
data_quality: check, stage, severity, passed, failing_rows, cycle_id
"""

#: Columns that the contract promises, in its order, by published table.
PUBLISHED = {
    table: tuple(column.strip() for column in columns.split(","))
    for table, columns in (line.split(":", 1) for line in CONTRACT.strip().splitlines())
}
