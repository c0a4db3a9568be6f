{{ stage('facts', 'orders') }}
