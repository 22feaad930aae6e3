"""Tests of `mockserver/openapi/contract`."""
