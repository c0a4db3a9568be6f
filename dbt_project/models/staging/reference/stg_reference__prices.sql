{{ stage_reference('prices', {
    'price_list': 'varchar',
    'sku_code': 'varchar',
    'unit_price': 'decimal(18,6)',
    'currency': 'varchar',
    'min_price': 'decimal(18,6)',
}) }}
