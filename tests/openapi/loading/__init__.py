"""Tests of `mockserver/openapi/loading`."""
