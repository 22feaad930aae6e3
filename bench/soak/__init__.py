"""The soak: mixed load for half an hour, during which nothing may go wrong, and nothing may grow."""
