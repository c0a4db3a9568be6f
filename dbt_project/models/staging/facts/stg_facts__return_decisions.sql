{{ stage('facts', 'return_decisions') }}
