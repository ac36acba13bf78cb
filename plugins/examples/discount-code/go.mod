module discount-code

go 1.24
