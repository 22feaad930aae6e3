"""Measurements beside a floor, in one run; `make bench`."""
