"""The site: every page of its navigation is there, says what the contract says, and links to what there is."""

import re
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.support.pasting import blocks
from tools.static_site.__main__ import main
from tools.static_site.contracts import Document, Operation, limits
from tools.static_site.markdown import Assumptions, cell
from tools.static_site.operations import OperationPages
from tools.static_site.sources import CONTRACT, DOWNLOADS, LINK, Sources

DOCUMENT = Document(CONTRACT)


@cache
def _sources() -> Sources:
    return Sources()


def _named() -> list[str]:
    return [name for section in _sources().sections for name in section.pages]


def test_every_page_of_the_navigation_is_there() -> None:
    """The navigation names each page once, and each has a heading and a text; no page is left out of it."""
    assert sorted({*_named(), "index"}) == sorted(_sources().pages)
    assert len(set(_named())) == len(_named())
    assert [name for name in _named() if not re.search(r"^# .+\n+\S", _sources().pages[name], re.MULTILINE)] == []


def test_every_guide_is_in_the_navigation() -> None:
    """A document in docs/ is a page of the site."""
    documents = {f"docs/{path.stem}" for path in (CONTRACT.parent / "docs").glob("*.md")}

    assert documents - set(_named()) == set()


def test_llms_lists_every_page() -> None:
    """llms.txt links to every page of the navigation, each with a title and a sentence."""
    listed = re.findall(r"^- \[.+\]\((\S+)\.html\): \S.*\.$", _sources().llms(), re.MULTILINE)

    assert listed == _named()
    assert "check-live.html): `mockserver check live` holds an instance" in _sources().llms()


def test_links_lead_to_pages() -> None:
    """Every relative link on a page leads to another page, or to what can be downloaded."""
    pages = {f"{name}.md" for name in _sources().pages} | {*DOWNLOADS, *_sources().pictures}
    broken = []
    for name, text in _sources().pages.items():
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
        targets = {_resolved(PurePosixPath(name).parent / found[2]) for found in LINK.finditer(prose)}
        broken += [f"{name}: {target}" for target in targets - pages]

    assert broken == []


def _resolved(path: PurePosixPath) -> str:
    steps: list[str] = []
    for step in path.parts:
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps)


@pytest.mark.parametrize("operation", DOCUMENT.operations(), ids=lambda found: found.name)
def test_operations_are_described(operation: Operation) -> None:
    """An operation stands in the reference with its path, a line of curl, and each status that it declares."""
    text = "\n".join(text for name, text in _sources().pages.items() if name.startswith("reference/api-"))
    part = text.partition(f"({operation.anchor})=")[2].partition(")=\n")[0]

    assert f"`{operation.method.upper()} {operation.path}`" in part
    assert f" -X {operation.method.upper()} " in "".join(blocks(part))
    assert [status for status in operation.declared["responses"] if f"`{status}`: " not in part] == []


def test_events_have_their_pages() -> None:
    """An event has a page with its payload, samples, and the command that fires it."""
    for name, text in ((name, _sources().pages[f"reference/event-{name}"]) for name in DOCUMENT.events()):
        assert f"mockserver trigger {name}" in text
        assert "| `eventName` |" in text
        assert "<summary>Sample: " in text


def test_errors_name_their_operations() -> None:
    """The catalogue has a section for each error that is declared, with links to all operations that declare it."""
    page = _sources().pages["reference/errors"]

    for operation in DOCUMENT.operations():
        for status in (status for status in operation.declared["responses"] if status >= "400"):
            section = page.partition(f"(status-{status})=")[2].partition("(status-")[0]
            assert f"#{operation.anchor})" in section, f"{status} of {operation.name}"


def test_assumptions_are_shown_where_they_apply() -> None:
    """What `x-assumption` marks on an operation stands there in words, with a link to its row."""
    page = _sources().pages["reference/api-webhook-subscription"]

    assert re.search(r"^- \[A02\]\(\.\./docs/assumptions\.md#a02\): A page below 1", page, re.MULTILINE)
    assert "| [A02]{#a02} |" in _sources().pages["docs/assumptions"]


def test_nothing_but_pages_is_written(tmp_path: Path) -> None:
    """The command writes pages, downloads, each event's JSON Schema, the contract as OpenAPI 3.1 and llms.txt into the
    folder, and removes what was in it; the pages of the events link to their schemas."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "old.md").write_text("# Old\n")

    assert main([str(folder)]) == 0

    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    schemas = {f"{name}.json" for name in (*DOCUMENT.events(), "WebhookEvent")}
    linked = {found for text in _sources().pages.values() for found in re.findall(r"\.\./schemas/(\w+\.json)", text)}
    assert linked == schemas
    extra = {"extra/openapi-3.1.json", *(f"extra/schemas/{name}" for name in schemas)}
    others = {*DOWNLOADS, *_sources().pictures, "llms.txt"}
    assert written == {f"{name}.md" for name in _sources().pages} | others | extra


def test_figures_are_those_of_the_last_run() -> None:
    """The guide about speed has a picture, links, and no figure of its own; those are on pages that programs write,
    which the site has as they are."""
    guide, run = _sources().pages["docs/speed"], (CONTRACT.parent / "bench/results/side-by-side.md").read_text("utf-8")

    assert "bench/results/side-by-side.svg" in _sources().pictures
    assert not re.search(r"\d\s*(?:ms|µs|MB|MiB|times|/s)\b", re.sub(r"```.*?```", "", guide, flags=re.DOTALL))
    for page in ("bench/results/side-by-side", "bench/results/soak"):
        assert f"(../{page}.md" in guide
    tables = [line for line in run.splitlines() if line.startswith("|") and "](" not in line]
    assert set(tables) <= set(_sources().pages["bench/results/side-by-side"].splitlines())


def test_links_that_leave_the_site_are_named() -> None:
    """What a document links to and the site lacks is named as a file of the repository; code is left alone."""
    guide = _sources().pages["docs/webhook-signatures"]

    assert "tests/vectors (`tests/vectors` in the repository)" not in guide
    assert "are in\ntests/vectors." in guide
    assert (CONTRACT.parent / "docs/webhook-signatures.md").read_text("utf-8").count("```") == guide.count("```")


def test_vendors_pages_are_linked() -> None:
    """What `externalDocs` of a tag names is a link on its page."""
    tag = {"name": "Analytics", "externalDocs": {"url": "https://example.com/figures", "description": "Figures"}}
    page = OperationPages(DOCUMENT, Assumptions(CONTRACT.parent / "docs" / "assumptions.md")).page("Figures", [tag])

    assert page.startswith("# Figures\n")
    assert "\n[Figures](https://example.com/figures)\n" in page


def test_schemas_become_rows() -> None:
    """Rows name what is inside of arrays and of `allOf`, and what must be there; limits are words."""
    inner = {"allOf": [{"type": "object", "required": ["code"], "properties": {"code": {"type": "integer"}}}]}
    rows = list(DOCUMENT.rows({"properties": {"errors": {"type": "array", "nullable": True, "items": inner}}}))

    assert [(row.name, row.kind, row.required) for row in rows] == [
        ("errors", "array of object, or null", False),
        ("errors[].code", "integer", True),
    ]
    assert limits({"enum": ["a", "b"], "maximum": 9, "default": 1}) == "One of `a`, `b`; ≤ 9; default `1`"
    assert limits({"enum": ["a"]}) == "Always `a`"
    assert [limits({"minItems": least}) for least in (1, 2)] == ["At least 1 item", "At least 2 items"]


def test_cells_stay_in_their_table() -> None:
    """A text with line breaks and bars is one cell."""
    assert cell("one |\n two\\|") == "one \\| two\\|"
