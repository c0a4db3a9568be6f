{{ stage_reference('bins', {
    'location_code': 'varchar',
    'sku_code': 'varchar',
    'bin': 'varchar',
    'zone': 'varchar',
    'pick_sequence': 'integer',
}) }}
