{{ stage('facts', 'purchase_order_lines') }}
