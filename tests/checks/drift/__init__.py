"""Tests of `check drift`: of the comparison without servers, and of runs on two mocks."""
