{{ stage_reference('drivers', {
    'driver_code': 'varchar',
    'name': 'varchar',
    'location_code': 'varchar',
    'shift_from': 'varchar',
    'shift_to': 'varchar',
    'max_drive_min': 'integer',
    'is_active': 'boolean',
    'skills': 'varchar',
    'max_overtime_min': 'integer',
    'overtime_hour': 'decimal(18,2)',
}) }}
