"""Measurements beside a floor, in one run: `make bench`, and beside it the programs that README.md lists."""
