"""Tests of `mockserver/world/faults`."""
