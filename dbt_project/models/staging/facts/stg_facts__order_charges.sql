{{ stage('facts', 'order_charges') }}
