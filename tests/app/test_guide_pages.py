"""mockserver.app.guide_pages: documents of docs/ as pages."""

import re
from pathlib import Path

import pytest

from mockserver.app.builtin_routes import GUIDES
from mockserver.app.guide_pages import SERVED, claims, page

DOCS = Path(__file__).parent.parent.parent / "docs"
ROWS = re.findall(r"^\| (A\d+) \|", (DOCS / "assumptions.md").read_text("utf-8"), re.MULTILINE)


def test_each_assumption_has_an_anchor() -> None:
    """The page of assumptions has one row for each, in order, which an address can point to."""
    assert re.findall(r'<tr id="(A\d+)">', page("assumptions").decode()) == ROWS


def test_each_assumption_has_a_claim() -> None:
    """What is assumed is known by number."""
    assert list(claims()) == ROWS
    assert claims()["A12"] == "The signing secret is in the key `hmacSecretKey`."


def test_cells_name_their_column() -> None:
    """On a phone, where a row is a card, each cell can say what it is."""
    row = page("assumptions").decode().partition('<tr id="A01">')[2].partition("</tr>")[0]

    columns = re.findall(r'data-column="([^"]+)"', row)
    assert columns == ["id", "what we assume", "why", "what would refute it", "setting", "tested by"]


@pytest.mark.parametrize("name", GUIDES)
def test_links_lead_somewhere(name: str) -> None:
    """A link leads to a page that is served, to a heading that is there, or to another site."""
    text = page(name).decode()
    anchors = set(re.findall(r'\bid="([^"]+)"', text))

    leading = [link for link in re.findall(r'href="([^"]+)"', text.partition("<main>")[2]) if "://" not in link]
    assert [link for link in leading if link.startswith("#") and link[1:] not in anchors] == []
    assert {link.partition("#")[0] for link in leading if link[0] != "#"} <= set(SERVED.values())


@pytest.mark.parametrize("name", GUIDES)
def test_page_is_whole(name: str) -> None:
    """The title is that of the document, nothing of the template is left, and no Markdown of a table or a link."""
    text = page(name).decode()
    heading = (DOCS / f"{name}.md").read_text("utf-8").splitlines()[0].removeprefix("# ")

    assert f"<title>{heading} — mock</title>" in text
    assert not re.search(r"\{(title|content)\}|^\||\]\(", text, re.MULTILINE)


def test_every_guide_can_be_reached() -> None:
    """The addresses to which links lead are those that are served."""
    assert {f"/docs/{name}" for name in GUIDES} == {path for path in SERVED.values() if path.startswith("/docs/")}
