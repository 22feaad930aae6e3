"""Tests of `mockserver/cli`."""
