{{ stage_reference('carriers', {
    'carrier_code': 'varchar',
    'name': 'varchar',
    'pickup_at': 'varchar',
    'works_on': 'varchar',
    'is_active': 'boolean',
    'max_parcels_day': 'integer',
}) }}
