{{ stage('facts', 'load_shipments') }}
