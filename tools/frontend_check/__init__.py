"""`make frontend-check`: a front end on the mock, with its tests in a real browser."""
