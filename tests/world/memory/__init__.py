"""Tests of `mockserver/world/memory`."""
