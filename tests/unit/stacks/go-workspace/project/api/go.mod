module example.com/api

require example.com/other v1.0.0
