{{ stage('plans', 'promises') }}
