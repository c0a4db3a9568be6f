{{ stage('facts', 'solver_runs') }}
