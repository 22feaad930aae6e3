"""Tests of `mockserver/world`."""
