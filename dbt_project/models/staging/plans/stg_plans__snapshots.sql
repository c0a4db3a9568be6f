{{ stage('plans', 'snapshots') }}
