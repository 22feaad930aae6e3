"""Tests of `mockserver/app`."""
