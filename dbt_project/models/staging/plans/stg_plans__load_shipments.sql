{{ stage('plans', 'load_shipments') }}
