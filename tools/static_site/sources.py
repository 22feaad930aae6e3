"""The sources of the site in a folder: documents of the repository, pages made of the contracts, and llms.txt.

The folder mirrors the repository, so that links between documents lead where they led, and their pictures come along.
What they lead to and the site hasn't is named instead.
"""

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.json_schema import json_schema
from mockserver.openapi.newer_version import as_openapi_31
from mockserver.webhooks.events import Events
from tools.static_site.contracts import Document, Operation
from tools.static_site.errors import ErrorPage
from tools.static_site.events import EventPages
from tools.static_site.front import front_page
from tools.static_site.linking import Names, see_also
from tools.static_site.markdown import ROW, Assumptions
from tools.static_site.navigation import (
    GUIDES_OF_OTHERS,
    GUIDES_OF_TAGS,
    event_page,
    operation_place,
    sections,
    tag_page,
)
from tools.static_site.operations import OperationPages

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "openapi.yaml"
CONTROL = ROOT / "mockserver" / "control" / "control.yaml"
DOWNLOADS = ("openapi.yaml", "docs/report.schema.json")
PICTURE = ".svg"
NEWER = "openapi-3.1.json"
API_KEY = "X-AUTH-TOKEN: mock-api-key"
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
LINK_OR_CODE = re.compile(f"{LINK.pattern}|```.*?```|`[^`\\n]*`", re.DOTALL)
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


class Sources:
    """All pages of the site: `pages` has their Markdown by name, `sections` their order.

    `repository` is the URL to clone, which the front page tells if there is one; `pictures` are what documents show.
    """

    def __init__(self, repository: str = "") -> None:
        self.contract = Document(CONTRACT)
        self.pictures: set[str] = set()
        self.sections = sections(self.contract)
        self.pages = {name: self._document(name) for name in self._names() if not name.startswith("reference/")}
        self.pages.update(self._reference())
        titles = {name: self.title(name) for name in self.pages}
        self.pages["index"] = front_page(_introduction(), self.sections, titles, repository)

    def write(self, folder: Path) -> None:
        """Write all of them, and what they offer for download, into an empty folder."""
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in self.pages.items():
            target = folder / f"{name}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        for name in (*DOWNLOADS, *sorted(self.pictures)):
            (folder / name).write_bytes((ROOT / name).read_bytes())
        schemas = folder / "extra" / "schemas"  # Sphinx copies what is in `extra` as it is
        schemas.mkdir(parents=True)
        for name, schema in self.schemas().items():
            (schemas / f"{name}.json").write_text(json.dumps(schema, indent=2), "utf-8")
        (folder / "extra" / NEWER).write_text(json.dumps(self.newer(), indent=1), "utf-8")
        (folder / "llms.txt").write_text(self.llms(), "utf-8")

    def schemas(self) -> dict[str, Any]:
        """The JSON Schema of each event's payloads and of those of all, by name, as the mock serves them."""
        contract = Contract.load(CONTRACT)
        events = Events(contract, Examples(contract, 0))
        pointers = {name: events.schema_pointer(name) for name in events.schema_names}
        return {name: json_schema(contract.document, pointer, name) for name, pointer in pointers.items()}

    def newer(self) -> dict[str, Any]:
        """The contract as OpenAPI 3.1, as the mock serves it."""
        return as_openapi_31(Contract.load(CONTRACT).document)

    def title(self, name: str) -> str:
        """The heading of a page."""
        found = TITLE.search(self.pages[name])
        return found[1] if found else name

    def llms(self) -> str:
        """llms.txt: what this is, and every page with its title, by section."""
        lines = ["# Open Loyalty contract mock", "", f"> {_introduction()}", ""]
        for section in self.sections:
            lines += [f"## {section.title}", ""]
            lines += [f"- [{self.title(name)}]({name}.html): {_summary(self.pages[name])}" for name in section.pages]
            lines.append("")
        return "\n".join(lines)

    def _names(self) -> list[str]:
        return [name for section in self.sections for name in section.pages]

    def _document(self, name: str) -> str:
        """A document of the repository, its links kept where the site has what they lead to."""
        path = ROOT / f"{name}.md"
        text = LINK_OR_CODE.sub(lambda found: self._link(path.parent, found), path.read_text("utf-8"))
        return ROW.sub(lambda row: f"| [{row[1]}]{{#{row[1].lower()}}} | {row[2]} |", text)

    def _link(self, folder: Path, found: re.Match[str]) -> str:
        """A link of a document in this folder as the site has it; code stays as it is."""
        if found[2] is None:
            return found[0]
        target = (folder / found[2]).resolve().relative_to(ROOT).as_posix()
        if target == "README.md":
            return f"[{found[1]}]({'../' if folder != ROOT else ''}index.md)"
        if target.endswith(PICTURE) and (ROOT / target).is_file():
            self.pictures.add(target)
            return found[0]
        if target in DOWNLOADS or target.removesuffix(".md") in self._names():
            return found[0]
        named = found[1].strip("`") == target
        return found[1] if named else f"{found[1]} (`{target}` in the repository)"

    def _reference(self) -> dict[str, str]:
        assumptions = Assumptions(ROOT / "docs" / "assumptions.md")
        operations = OperationPages(self.contract, assumptions, API_KEY, _place)
        events = EventPages(self.contract, assumptions, _place)
        pages = {"reference/conventions": self._conventions(assumptions), "reference/events": events.index()}
        for tag in self.contract.content["tags"]:
            page = operations.page(tag["name"], [tag])
            pages[tag_page(tag["name"])] = f"{page}\n{_beside(tag['name'])}"
        for name, event in self.contract.events().items():
            pages[event_page(name)] = events.page(name, event)
        control = Document(CONTROL)
        places = {operation.name: _place(operation) for operation in self.contract.operations()}
        pages["reference/errors"] = ErrorPage(self.contract, assumptions, places).page()
        pages["reference/control"] = OperationPages(control, assumptions).page("Control plane", control.content["tags"])
        names = Names(self.contract.events(), (name for name in self._names() if not name.startswith("reference/")))
        return {name: names.linked(name, text) for name, text in pages.items()}

    def _conventions(self, assumptions: Assumptions) -> str:
        info = self.contract.content["info"]
        download = "The contract itself: [openapi.yaml](../openapi.yaml), version {version}.\n".format(**info)
        newer = f'As OpenAPI 3.1, with its events as webhooks: <a href="../{NEWER}">{NEWER}</a>.\n'
        parts = [
            "# The API: how to begin, and conventions\n",
            download,
            newer,
            info["description"],
            assumptions.note(info),
        ]
        return "\n".join([*parts, _beside("", ["events", "errors"])])


def _beside(tag: str, reference: Iterable[str] = ("conventions", "events", "errors")) -> str:
    """What to read beside the operations of a tag: guides, and these pages of the reference."""
    guides = GUIDES_OF_TAGS.get(tag, GUIDES_OF_OTHERS)
    links = [(text, f"../{page}.md") for page, text in guides.items()]
    return see_also([*links, *((name.capitalize(), f"{name}.md") for name in reference)])


def _place(operation: Operation) -> str:
    return operation_place(operation.declared["tags"][0], operation.anchor)


def _introduction() -> str:
    """The first paragraph of README.md, without its links."""
    paragraph = (ROOT / "README.md").read_text("utf-8").split("\n\n")[1]
    return " ".join(LINK.sub(r"\1", paragraph).split())


def _summary(text: str) -> str:
    """The first sentence of a page."""
    paragraphs = [part.strip() for part in CODE.sub("", text).split("\n\n")]
    prose = next((part for part in paragraphs if part and part[0] not in "#|(<:-"), "")
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(prose.split()))
    return plain.split(". ")[0].rstrip(".:") + "."
