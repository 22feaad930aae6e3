"""Tests of `check recording`."""
