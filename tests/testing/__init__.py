"""Tests of `mockserver/testing`."""
