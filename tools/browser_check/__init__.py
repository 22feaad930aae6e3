"""`make browser-check`: the mock's documentation and API, used by a headless browser."""
