{{ stage('facts', 'line_events') }}
