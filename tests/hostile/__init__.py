"""Hostile requests, contracts and snapshots, several hundred, and what a server does with them."""
