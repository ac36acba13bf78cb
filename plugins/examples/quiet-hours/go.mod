module quiet-hours

go 1.24
