"""Promises that no schema can express, one module each."""
