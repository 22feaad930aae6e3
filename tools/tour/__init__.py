"""The tour: the mock in a quarter of an hour, in a terminal, with the commands that a user would type."""
