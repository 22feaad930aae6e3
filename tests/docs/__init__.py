"""Tests of `docs/` and README.md: what the pages say is so."""
