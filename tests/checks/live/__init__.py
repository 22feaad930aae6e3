"""Tests of `mockserver/checks/live`."""
