{{ stage('facts', 'plan_snapshots') }}
