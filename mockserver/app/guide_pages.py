"""Guide pages: documents of docs/ as HTML, for the mock to serve; imported by the first request for one.

A row of a table that begins with the number of an assumption has that as its anchor, and each heading the anchor that
GitHub gives it. Links to documents that aren't served become plain text.
"""

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PACKAGE = Path(__file__).parent.parent
_TEMPLATE = Path(__file__).parent / "static" / "guide.html"
_CLAIM = re.compile(r"^\| (A[0-9]+) \| (.+?) \| ", re.MULTILINE)
SERVED = {
    "assumptions.md": "/docs/assumptions",
    "vendor-facts.md": "/docs/vendor-facts",
    "../openapi.yaml": "/openapi.yaml",
}


def page(name: str) -> bytes:
    """A document of docs/, by its name without the ending, as an HTML page."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(_text(name))
    title = next(after.content for token, after in pairwise(tokens) if token.type == "heading_open")
    _name_headings(tokens)
    _name_cells(tokens)
    for token in tokens:
        _lead_links(token.children or [])
    content = markdown.renderer.render(tokens, markdown.options, {})
    return _TEMPLATE.read_text("utf-8").replace("{title}", title).replace("{content}", content).encode()


@lru_cache(maxsize=1)
def claims() -> dict[str, str]:
    """What each assumption says, by its number; Markdown on one line."""
    return dict(_CLAIM.findall(_text("assumptions")))


def _text(name: str) -> str:
    """A document: inside the package when installed from a wheel, in docs/ in a checkout."""
    packaged = _PACKAGE / "docs" / f"{name}.md"
    return (packaged if packaged.is_file() else _PACKAGE.parent / "docs" / f"{name}.md").read_text("utf-8")


def _name_headings(tokens: list[Token]) -> None:
    for token, text in pairwise(tokens):
        if token.type == "heading_open":
            words = re.sub(r"[^\w\s-]", "", text.content.lower())
            token.attrSet("id", re.sub(r"\s", "-", words))


def _name_cells(tokens: list[Token]) -> None:
    """Give each cell the name of its column, for narrow screens, and each row of an assumption its anchor."""
    columns: list[str] = []
    row, column = tokens[0], 0
    for token, text in pairwise(tokens):
        if token.type == "table_open":
            columns = []
        elif token.type == "th_open":
            columns.append(text.content)
        elif token.type == "tr_open":
            row, column = token, 0
        elif token.type == "td_open":
            token.attrSet("data-column", columns[column])
            if column == 0 and re.fullmatch("A[0-9]+", text.content):
                row.attrSet("id", text.content)
            column += 1


def _lead_links(inline: list[Token]) -> None:
    """Let links lead to where documents are served; take out those to others."""
    closing: list[bool] = []  # whether each open link stays
    for token in inline:
        if token.type == "link_open":
            path, hash_, anchor = str(token.attrs["href"]).partition("#")
            stays = not path or path in SERVED or "://" in path
            closing.append(stays)
            token.attrs["href"] = SERVED.get(path, path) + hash_ + anchor
            token.hidden = not stays
        elif token.type == "link_close":
            token.hidden = not closing.pop()
