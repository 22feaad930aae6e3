"""Tests of bench.shared: what several benchmarks use."""
