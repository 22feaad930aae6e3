"""Tests of `mockserver/spec`."""
