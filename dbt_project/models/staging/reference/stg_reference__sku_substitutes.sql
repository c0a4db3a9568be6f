{{ stage_reference('sku_substitutes', {
    'sku_code': 'varchar',
    'substitute_sku_code': 'varchar',
    'factor': 'decimal(18,6)',
    'rank': 'integer',
    'price_policy': 'varchar',
    'consent': 'varchar',
    'valid_until': 'date',
}) }}
