"""Tests of tools/cluster: what runs several mocks on one machine."""
