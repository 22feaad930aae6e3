"""Servers that are wrong on purpose, to measure who notices: single faults before a correct mock, and bad hosts."""
