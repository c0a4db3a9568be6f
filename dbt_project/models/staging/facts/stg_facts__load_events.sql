{{ stage('facts', 'load_events') }}
