{{ stage('facts', 'stock_movements') }}
