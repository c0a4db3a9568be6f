{{ stage_reference('delivery_windows', {
    'customer_code': 'varchar',
    'address_code': 'varchar',
    'weekday': 'integer',
    'window_from': 'varchar',
    'window_to': 'varchar',
    'closed_from': 'varchar',
    'closed_to': 'varchar',
}) }}
