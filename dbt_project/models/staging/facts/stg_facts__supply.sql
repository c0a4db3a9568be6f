{{ stage('facts', 'supply', {'sku_code': 'sku_id', 'location_code': 'location_id', 'from_location_code': 'from_location_id', 'supplier_code': 'supplier_id'}) }}
