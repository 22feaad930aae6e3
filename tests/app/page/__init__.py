"""Tests of mockserver.app.page."""
