"""Schemathesis on the mock: how it is run, and what it must have seen."""
