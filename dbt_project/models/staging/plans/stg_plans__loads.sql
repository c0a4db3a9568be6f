{{ stage('plans', 'loads') }}
