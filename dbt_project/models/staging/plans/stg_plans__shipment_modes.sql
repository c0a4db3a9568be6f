{{ stage('plans', 'shipment_modes') }}
