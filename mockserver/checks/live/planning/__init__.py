"""What a run tests, and what it leaves out: known before anything is sent."""
