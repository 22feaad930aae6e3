"""`make contract-tools`: other people's linters and generators, on the contract."""
