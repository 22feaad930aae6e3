"""docs/vendor-facts.md: what the repository cites is there; each fact says how sure it is, and where it is from."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "vendor-facts.md").read_text("utf-8")
ASSUMPTIONS = (ROOT / "docs" / "assumptions.md").read_text("utf-8")
ROWS = set(re.findall(r"^\| (A\d\d) \|", ASSUMPTIONS, re.MULTILINE))

HEADINGS = re.findall(r"^##+ (.+)$", PAGE, re.MULTILINE)
SECTIONS = {match[1] for heading in HEADINGS if (match := re.match(r"(\d(?:\.\d)?)\.? ", heading))}
SOURCES = dict(re.findall(r"^\[([^]]+)\]: (.+)$", PAGE, re.MULTILINE))
CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
BODY = re.sub(r"^\[[^]]+\]: .+$", "", PAGE, flags=re.MULTILINE)
NUMBERED = BODY.partition("\n## 1. ")[2].partition("\n## 9. ")[0]
FACTS = [" ".join(item.split()) for item in re.findall(r"^- (.+(?:\n  .+)*)", NUMBERED, re.MULTILINE)]

WITH_SOURCE = ("documented", "library", "old source")  # a fact that is as sure as this names where it is from
WITHOUT = ("second hand", "inferred", "unknown")

# Texts of other people's standards have sections, too.
STANDARD = re.compile(r"RFC \d+ §[\d.]*\d(?:, §[\d.]*\d)*")
CITATION = re.compile(r"vendor-facts §(\d(?:\.\d)?)(?![\d.]*\d)")
KINDS = {".py", ".yaml", ".md", ".json", ".toml"}
FOLDERS = ("mockserver", "tests", "docs", "bench", "tools")
GENERATED = {"node_modules", "__pycache__", ".cache", "results", "static"}


def _texts() -> Iterator[tuple[str, str]]:
    """The names and texts of all files that may cite, without what standards are cited for."""
    paths = [*ROOT.iterdir(), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    for path in sorted(paths):
        name = path.relative_to(ROOT)
        if path.suffix in KINDS and path.is_file() and not GENERATED & set(name.parts):
            yield name.as_posix(), STANDARD.sub("", path.read_text("utf-8", errors="ignore"))


def _anchor(heading: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _verdicts() -> Iterator[tuple[str, str, str]]:
    """Each fact of a list, and each row of a table that judges itself: how sure it is, and what that rests on."""
    for fact in FACTS:
        end = re.search(r"\(([a-z ]+)(?:: ([^()]+))?\)$", fact)
        yield fact, end[1] if end else "", end[2] or "" if end else ""
    yield from re.findall(r"^(\|.*\| ([a-z ]+): (.+) \|)$", NUMBERED, re.MULTILINE)


def test_every_citation_resolves() -> None:
    """What code, scenarios, tests and guides cite is a section of the page."""
    cited = [(name, number) for name, text in _texts() for number in CITATION.findall(text)]

    assert len(cited) > 70
    assert [(name, number) for name, number in cited if number not in SECTIONS] == []


def test_citations_have_one_form() -> None:
    """A section sign stands in a citation of the page or of a standard, and nowhere else; no older form is left."""
    this = Path(__file__).relative_to(ROOT).as_posix()
    older = re.compile(r"§|\bfacts E\d")

    others = [(name, CITATION.sub("", text).splitlines()) for name, text in _texts() if name != this]
    left = [(name, line) for name, lines in others for line in lines if older.search(line)]

    assert left == []


def test_contents_reach_every_section() -> None:
    """The table of contents links every heading, in order, and nothing else."""
    contents = re.findall(r"^ *- \[([^]]+)\]\(#(.+)\)$", PAGE, re.MULTILINE)

    assert contents == [(heading, _anchor(heading)) for heading in HEADINGS]


def test_links_within_the_page_resolve() -> None:
    """What links to a section of the page names one that there is."""
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) == {_anchor(heading) for heading in HEADINGS}


@pytest.mark.parametrize("key", SOURCES)
def test_sources_are_public_addresses(key: str) -> None:
    """A source is an https address of a public host, without user, port or query."""
    url = urlsplit(SOURCES[key])

    assert url.scheme == "https"
    assert re.fullmatch(r"(?:[a-z][a-z0-9-]*\.)+[a-z]{2,}", url.netloc)
    assert re.fullmatch(r"[\w./-]+", url.path)
    assert not url.query


def test_sources_are_defined_and_used() -> None:
    """Every key in brackets has an address, and every address is used; no address has two keys."""
    used = set(re.findall(r"\[([^]]+)\](?!\()", CODE.sub("", BODY)))

    assert used == set(SOURCES)
    assert len(set(SOURCES.values())) == len(SOURCES)


def test_every_fact_says_how_sure_it_is() -> None:
    """Each fact ends with one of the six words; a source is named where there is one, a row where nothing is known."""
    vague = [fact for fact, sure, _ in _verdicts() if sure not in WITH_SOURCE + WITHOUT]
    homeless = [fact for fact, sure, basis in _verdicts() if sure in WITH_SOURCE and not basis.startswith("[")]
    open_ended = [fact for fact, sure, basis in _verdicts() if sure == "unknown" and not re.match(r"A\d\d", basis)]

    assert len(FACTS) > 100
    assert vague == []
    assert homeless == []
    assert open_ended == []


def test_assumptions_that_it_names_exist() -> None:
    """What the page leaves to docs/assumptions.md has its row there."""
    named = set(re.findall(r"\bA\d\d\b", PAGE))

    assert len(named) > 40
    assert named <= ROWS


def test_worked_example_is_the_vector() -> None:
    """The canonical string and the signature on the page are those of the vector that signing is tested with."""
    vector = json.loads((ROOT / "tests" / "vectors" / "facts.json").read_text("utf-8"))

    assert "```\n" + "\n".join(vector["canonical"]) + "\n```" in PAGE
    assert f"`{vector['signature']}`" in PAGE


def test_readers_find_the_page() -> None:
    """README, CONTRIBUTING and the table of assumptions link it."""
    assert "](docs/vendor-facts.md)" in (ROOT / "README.md").read_text("utf-8")
    assert "](docs/vendor-facts.md)" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert "](vendor-facts.md)" in ASSUMPTIONS
