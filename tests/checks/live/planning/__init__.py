"""Tests of `mockserver/checks/live/planning`."""
