"""Other people's HTTP test cases, restated as data, and the judges of a server by them; see README.md."""
