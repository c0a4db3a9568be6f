{{ stage('facts', 'decisions') }}
