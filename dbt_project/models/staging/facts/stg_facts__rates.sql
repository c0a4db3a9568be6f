{{ stage('facts', 'rates') }}
