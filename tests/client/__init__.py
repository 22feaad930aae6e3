"""Tests of `mockserver/client`."""
