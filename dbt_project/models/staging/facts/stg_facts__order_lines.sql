{{ stage('facts', 'order_lines', {'sku_code': 'sku_id'}) }}
