{{ stage('facts', 'load_stops') }}
