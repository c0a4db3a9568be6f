{{ stage_reference('suppliers', {
    'supplier_code': 'varchar',
    'name': 'varchar',
    'lead_time_days': 'integer',
    'currency': 'varchar',
}) }}
