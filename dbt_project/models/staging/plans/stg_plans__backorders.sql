{{ stage('plans', 'backorders') }}
