{{ stage('facts', 'returns', {'location_code': 'location_id'}) }}
