{{ stage('plans', 'solver_runs') }}
