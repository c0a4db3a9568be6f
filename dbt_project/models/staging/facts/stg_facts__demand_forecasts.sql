{{ stage('facts', 'demand_forecasts') }}
