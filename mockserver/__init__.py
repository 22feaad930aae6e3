"""A contract-driven mock of the Open Loyalty REST API."""

__version__ = "0.1.0"
