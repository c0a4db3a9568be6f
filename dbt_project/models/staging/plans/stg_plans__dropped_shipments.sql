{{ stage('plans', 'dropped_shipments') }}
