{{ stage_reference('tariffs', {
    'carrier_code': 'varchar',
    'service': 'varchar',
    'country': 'varchar',
    'zone_prefix': 'varchar',
    'base': 'decimal(18,2)',
    'per_kg': 'decimal(18,6)',
    'fuel_pct': 'decimal(18,6)',
    'max_kg': 'decimal(18,6)',
    'transit_days': 'integer',
    'currency': 'varchar',
    'temperature_classes': 'varchar',
    'hazard_ok': 'boolean',
}) }}
