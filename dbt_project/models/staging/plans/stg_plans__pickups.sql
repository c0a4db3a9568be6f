{{ stage('plans', 'pickups') }}
