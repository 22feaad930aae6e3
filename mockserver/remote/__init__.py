"""Calls to a mock by HTTP: a connection, and the control plane as typed methods. Commands and tests use the same."""
