"""Tests of the resource models of a contract."""
