{{ stage('facts', 'capture_messages') }}
