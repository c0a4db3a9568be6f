{{ stage('facts', 'alert_events') }}
