{{ stage('facts', 'commands') }}
