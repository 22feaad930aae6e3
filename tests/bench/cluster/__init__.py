"""Tests of bench/cluster: it finds what is lost, and what comes in a wrong order."""
