{{ stage('facts', 'document_events') }}
