"""Tests of `mockserver/control`."""
