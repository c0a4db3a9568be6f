{{ stage('facts', 'floor') }}
