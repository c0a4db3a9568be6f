{{ stage('plans', 'stock_prices') }}
