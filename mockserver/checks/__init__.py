"""Judges of any server, by its URL. They know the contract and nothing of how the mock works inside."""
