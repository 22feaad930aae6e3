"""Other people's HTTP test cases, restated as data, and what judges a server by them. README.md tells of both."""
