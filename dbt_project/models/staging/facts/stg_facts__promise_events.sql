{{ stage('facts', 'promise_events') }}
