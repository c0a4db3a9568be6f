{{ stage('facts', 'stock', {'sku_code': 'sku_id', 'location_code': 'location_id'}) }}
