"""Tests of `mockserver/openapi/examples`."""
