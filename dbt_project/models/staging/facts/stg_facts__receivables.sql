{{ stage('facts', 'receivables', {'customer_code': 'customer_id'}) }}
