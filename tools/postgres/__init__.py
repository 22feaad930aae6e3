"""A PostgreSQL for tests and measurements: found on this machine or fetched from its package index, and run."""
