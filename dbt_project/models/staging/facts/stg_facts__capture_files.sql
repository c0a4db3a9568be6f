{{ stage('facts', 'capture_files') }}
