"""What the site does otherwise than Sphinx: numbers are searched for, and long names break where their words end.

Sphinx imports this in its own environment, so it needs nothing but Python.
"""

import re

# Sphinx leaves numbers out, of the index and of queries. With a letter before it, a number is a word like any other.
_WORD = re.compile(r"\w+")
JS_SPLITTER = r"""
var splitQuery = (query) =>
  query
    .split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu)
    .filter((term) => term)
    .map((term) => (/^\d+$/.test(term) ? `n${term}` : term));
"""
# Names that are long enough to be in the way: in code, in the page's title, and in the navigation.
_LONG = re.compile(
    r'(?<=<span class="pre">)[^<]{18,}(?=</span>)|(?<=<h1>)[^< ]{18,}|(?<=">)[A-Z]\w{17,}(?=</(?:a|span)>)'
)
_END_OF_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[\w\]][._/\]])(?=\w)")


def words(text: str) -> list[str]:
    """The words of a text as the search knows them, numbers included; JS_SPLITTER makes the same of a query."""
    return [f"n{word}" if word.isdecimal() else word for word in _WORD.findall(text)]


def with_breaks(html: str) -> str:
    """A part of a page in which long names may break: after dots and slashes, and before capitals."""
    return _LONG.sub(lambda found: _END_OF_WORD.sub("<wbr>", found[0]), html)
