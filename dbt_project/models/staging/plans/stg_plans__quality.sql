{{ stage('plans', 'quality') }}
