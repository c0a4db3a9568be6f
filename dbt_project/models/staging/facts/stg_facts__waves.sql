{{ stage('facts', 'waves') }}
