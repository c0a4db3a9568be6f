{{ stage('facts', 'wave_events') }}
