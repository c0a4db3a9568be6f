{{ stage('facts', 'cycles') }}
