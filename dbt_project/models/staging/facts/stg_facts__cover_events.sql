{{ stage('facts', 'cover_events') }}
