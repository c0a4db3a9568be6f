{{ stage('facts', 'stock_snapshot', {'sku_code': 'sku_id', 'location_code': 'location_id'}) }}
