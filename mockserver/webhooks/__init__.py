"""Webhooks: from an event to a signed, retried, explained delivery."""
