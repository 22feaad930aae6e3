"""Clients of a running mock: calls to its API and its control plane, and a listener for its deliveries."""
