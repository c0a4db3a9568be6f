{{ stage('facts', 'exception_events') }}
