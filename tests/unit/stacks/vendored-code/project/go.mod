module example.com/keep
