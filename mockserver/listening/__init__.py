"""A receiver of one's own at a running mock: subscribed to events, judging what arrives, and passing it on."""
