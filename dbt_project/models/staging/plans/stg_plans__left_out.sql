{{ stage('plans', 'left_out') }}
