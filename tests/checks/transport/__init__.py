"""Tests of `mockserver/checks/transport`."""
