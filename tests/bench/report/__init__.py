"""Tests of bench.report: the targets, what is kept of runs, and the page."""
