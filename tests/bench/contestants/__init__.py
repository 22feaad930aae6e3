"""Tests of bench.contestants."""
