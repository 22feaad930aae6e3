"""Collections for API clients, Postman's and Bruno's, made from the contract."""
