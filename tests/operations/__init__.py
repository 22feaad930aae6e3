"""What operations keep and answers don't show. What can be seen from outside is in tests/scenarios."""
