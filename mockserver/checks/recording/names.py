"""Names of fields: told from ids, tokens, addresses and numbers, which are keys of maps, and belong to somebody."""

import re

LONGEST = 40  # characters
_NAME = re.compile(r"[A-Za-z_$@][\w$-]*(?:\.[A-Za-z_][\w$-]*)?", re.ASCII)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NO_NAME = re.compile(r"eyJ|\d{6}")  # what a JWT, or a number of somebody, has
_NO_LONG_NAME = re.compile(r"[0-9a-f]{16}|(?:\d+[^\d]+){2}\d")  # a hash, or letters between digits
_LONG = 16  # characters
_LEAST_OF_A_WORD = 2.5  # characters of a long name, for each of its words


def is_name(text: str) -> bool:
    """Whether a text looks like the name of a field in a program: short, and of words."""
    if len(text) > LONGEST or not _NAME.fullmatch(text) or _NO_NAME.search(text):
        return False
    if len(text) < _LONG:
        return True
    return not _NO_LONG_NAME.search(text) and len(text) >= _LEAST_OF_A_WORD * len(_WORD.findall(text))
