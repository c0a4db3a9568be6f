{{ stage('facts', 'documents') }}
