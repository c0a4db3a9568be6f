{{ stage_reference('sku_units', {
    'sku_code': 'varchar',
    'unit': 'varchar',
    'factor': 'decimal(18,6)',
}) }}
