{{ stage_reference('lots', {
    'sku_code': 'varchar',
    'lot_code': 'varchar',
    'expiry': 'date',
    'manufactured': 'date',
    'status': 'varchar',
}) }}
