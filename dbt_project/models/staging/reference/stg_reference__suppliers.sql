{{ stage_reference('suppliers', {
    'supplier_code': 'varchar',
    'name': 'varchar',
    'lead_time_days': 'integer',
    'currency': 'varchar',
    'lead_time_deviation_days': 'decimal(18,6)',
    'min_order_value': 'decimal(18,2)',
}) }}
