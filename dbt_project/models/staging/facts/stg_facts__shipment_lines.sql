{{ stage('facts', 'shipment_lines') }}
