{{ stage('facts', 'policy_changes') }}
