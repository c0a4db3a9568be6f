{{ stage('facts', 'hold_events') }}
