{{ stage_reference('calendar_exceptions', {
    'calendar_code': 'varchar',
    'day': 'date',
    'is_open': 'boolean',
    'note': 'varchar',
}) }}
