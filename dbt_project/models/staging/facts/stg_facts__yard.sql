{{ stage('facts', 'yard') }}
