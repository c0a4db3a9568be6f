{{ stage_reference('customer_exclusions', {
    'customer_code': 'varchar',
    'location_code': 'varchar',
    'valid_until': 'date',
    'reason': 'varchar',
}) }}
