{{ stage('facts', 'mode_changes') }}
