"""Tests of `mockserver/http`."""
