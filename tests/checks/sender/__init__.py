"""Tests of `mockserver check sender`."""
