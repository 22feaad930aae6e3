"""Scenarios of the mock, one in a file; README.md says how they are written."""
