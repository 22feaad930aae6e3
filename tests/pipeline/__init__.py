"""Tests of `mockserver/pipeline`."""
