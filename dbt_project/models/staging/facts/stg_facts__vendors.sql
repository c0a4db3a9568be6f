{{ stage('facts', 'vendors', {'carrier_code': 'carrier_id'}) }}
