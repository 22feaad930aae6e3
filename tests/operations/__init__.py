"""Tests of `mockserver/operations`: what handlers keep and responses don't show. The rest is in `tests/scenarios`."""
