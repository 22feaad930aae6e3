"""Tests of `mockserver/remote`."""
