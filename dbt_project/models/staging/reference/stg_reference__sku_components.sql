{{ stage_reference('sku_components', {
    'sku_code': 'varchar',
    'component_sku_code': 'varchar',
    'quantity': 'decimal(18,3)',
}) }}
