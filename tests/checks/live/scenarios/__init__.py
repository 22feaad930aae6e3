"""Tests of `mockserver/checks/live/scenarios`."""
