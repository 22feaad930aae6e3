"""Receivers of webhooks: a right one, and many that are wrong in one way each."""
