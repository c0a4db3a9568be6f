{{ stage('facts', 'data_quality') }}
