"""Tests of `check receiver`: what it says of receivers of our own, right ones and wrong ones."""
