{{ stage('facts', 'shipments') }}
