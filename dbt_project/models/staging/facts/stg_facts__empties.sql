{{ stage('facts', 'empties', {'customer_code': 'customer_id', 'address_code': 'address_id', 'sku_code': 'sku_id', 'location_code': 'location_id'}) }}
