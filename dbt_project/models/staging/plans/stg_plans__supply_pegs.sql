{{ stage('plans', 'supply_pegs') }}
