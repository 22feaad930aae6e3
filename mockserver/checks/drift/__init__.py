"""`check drift`: is a live instance still like the mock? The same requests to both, and their answers compared."""
