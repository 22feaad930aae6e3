"""Tests of `mockserver/docs`."""
