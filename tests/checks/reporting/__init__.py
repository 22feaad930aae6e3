"""Tests of `mockserver/checks/reporting`."""
