{{ stage('facts', 'order_lines', {'sku_code': 'sku_id', 'kit_sku_code': 'kit_sku_id'}) }}
