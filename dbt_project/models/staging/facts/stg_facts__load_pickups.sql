{{ stage('facts', 'load_pickups') }}
