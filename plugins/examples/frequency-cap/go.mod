module frequency-cap

go 1.24
