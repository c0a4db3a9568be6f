{{ stage('facts', 'pickups') }}
