"""Scenarios for promises that no schema can express: one module for each group of promises."""
