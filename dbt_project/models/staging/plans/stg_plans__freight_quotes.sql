{{ stage('plans', 'freight_quotes') }}
