"""Tests of bench.memory: what it says of mocks that remember, and of those that lie."""
