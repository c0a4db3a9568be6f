{{ stage('facts', 'payments') }}
