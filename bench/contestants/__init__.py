"""The servers that take part: the mock, a floor, a limit, and peers from npm and PyPI."""
