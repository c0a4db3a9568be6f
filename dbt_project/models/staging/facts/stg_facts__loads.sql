{{ stage('facts', 'loads') }}
