{{ stage('facts', 'opening') }}
