"""The judges, held against instances that behave and misbehave."""
