{{ stage('plans', 'route_what_ifs') }}
