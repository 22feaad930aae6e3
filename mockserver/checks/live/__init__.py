"""`check live`: any running instance, judged against the contract."""
