{{ stage('plans', 'route_stops') }}
