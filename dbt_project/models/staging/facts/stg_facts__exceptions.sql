{{ stage('facts', 'exceptions') }}
