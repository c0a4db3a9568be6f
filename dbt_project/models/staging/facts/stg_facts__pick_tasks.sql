{{ stage('facts', 'pick_tasks') }}
