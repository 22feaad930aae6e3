"""Tests of `mockserver/openapi`."""
