"""Tests of `mockserver.storage.postgres`."""
