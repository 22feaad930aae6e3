"""Hostile requests, several hundred, and what a server does with them."""
