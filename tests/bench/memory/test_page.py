"""bench.memory.page: the figures, and what is to be said."""

from bench.documents.fetched import Foreign
from bench.memory.held import Outcome
from bench.memory.life import ALONE, RIGHT, WRONG, Verdict
from bench.memory.live import Judged
from bench.memory.page import Row, page
from bench.memory.truth import TrueDocument
from tests.bench.memory.shelf import books

ONE = TrueDocument(
    Foreign("library", "library@1", "openapi.json", "3.0"), "0" * 64, {}, (books(),), {"reads_back": "It may."}
)
OUTCOMES = [
    Outcome("books", RIGHT, "list isn't recognised", {"read": Verdict(RIGHT), "list": Verdict(ALONE)}, recognised=True),
    Outcome("shelves", WRONG, "its key is name, not id", {"read": Verdict(WRONG)}, recognised=True),
]


def test_page_counts_resources_and_roles() -> None:
    """A line for the document, and one for all."""
    text = page([Row(ONE, OUTCOMES, Judged(1, 99, {"reads_back": 2}, 3))])

    assert "| library | 1 | 2 | 1 | 1 | 0 | 6 | 1 | 1 | 1 | 1 | 2 |" in text
    assert "| **all** | 1 | 2 | 1 | 1 | 0 | 6 | 1 | 1 | 1 | | |" in text
    assert "- library, shelves: its key is name, not id" in text
    assert "- library, books: list isn't recognised" in text


def test_page_explains_findings_or_says_that_it_cannot() -> None:
    """A finding without an explanation is told in its own words."""
    live = Judged(1, 99, {"reads_back": 2, "other": 1}, 3, {"other": "getBook: no."})

    text = page([Row(ONE, OUTCOMES, live)])

    assert "| library | 1 | 99 | 3 | `reads_back` | 2 | It may. |" in text
    assert "| `other` | 1 | NOT EXPLAINED: getBook: no. |" in text


def test_page_tells_what_an_overlay_mends() -> None:
    """Resources that come out otherwise, with it."""
    after = [OUTCOMES[0], OUTCOMES[1]._replace(kind=ALONE)]

    text = page([Row(ONE, OUTCOMES, None, after)])

    assert "- library: shelves: left alone, not wrong" in text
    assert "- library: books: right in all roles" in page([Row(ONE, OUTCOMES, None, [OUTCOMES[0]._replace(why="")])])
    assert "None has one." in page([Row(ONE, OUTCOMES, None)])
