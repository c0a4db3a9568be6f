{{ stage('facts', 'backorder_events') }}
