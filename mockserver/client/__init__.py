"""A running mock, as its users see it: calls to its API and control plane, and a receiver that listens to it."""
