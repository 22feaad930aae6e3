"""Tests of `mockserver/checks/findings`."""
