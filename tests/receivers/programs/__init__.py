"""Receivers as programs, which are copied to where they run."""
