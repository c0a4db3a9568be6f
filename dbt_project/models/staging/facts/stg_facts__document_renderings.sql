{{ stage('facts', 'document_renderings') }}
