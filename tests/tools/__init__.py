"""Tests of `mockserver/tools`."""
