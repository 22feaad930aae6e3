"""`make client-check`: other people's HTTP clients log in to the mock, each by a program of its own in this folder."""
