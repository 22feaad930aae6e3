"""Tests of the proxy: what passes, what is judged, what is told."""
