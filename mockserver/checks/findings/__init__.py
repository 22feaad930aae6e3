"""Findings, for every judge: what is wrong, where in the contract, and how much was seen."""
