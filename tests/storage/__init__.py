"""Tests of `mockserver/storage`."""
