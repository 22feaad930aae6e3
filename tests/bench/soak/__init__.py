"""Tests of bench.soak: the mixture, and what is made of its samples."""
