{{ stage('facts', 'deliveries') }}
