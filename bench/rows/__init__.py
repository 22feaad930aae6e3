"""The rows of `make bench`: one module for each kind of measurement."""
