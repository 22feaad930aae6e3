"""Tests of bench/: what is measured is measured rightly."""
