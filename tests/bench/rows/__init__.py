"""Tests of bench.rows: what is made of what was measured."""
