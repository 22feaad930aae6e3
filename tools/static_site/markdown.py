"""Markdown as the site's pages are written in: tables, blocks of code, and marks of assumptions."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROW = re.compile(r"^\| (A\d+) \| ([^|]*) \|", re.MULTILINE)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table, or nothing if it has no rows."""
    columns = list(heads)
    lines = ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join([f"| {' | '.join(columns)} |", "|" + "---|" * len(columns), *lines, ""]) if lines else ""


def cell(text: str) -> str:
    """A text in one cell of a table: on one line, its bars escaped."""
    return re.sub(r"\s+", " ", text).strip().replace("\\|", "|").replace("|", "\\|")


def first_sentence(text: str) -> str:
    """The first sentence of a text of any length, in one line."""
    return " ".join(text.split()).split(". ")[0].rstrip(".") + "."


def code(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.strip()}\n```\n"


def folded(title: str, content: str) -> str:
    """Something that is shown when its title is clicked; the title is plain text."""
    shown = title.replace("&", "&amp;").replace("<", "&lt;")
    return f"<details>\n<summary>{shown}</summary>\n\n{content}\n</details>\n"


def toctree(caption: str, pages: Iterable[str]) -> str:
    """What puts pages into the navigation, below the page that it stands on."""
    heading = [f":caption: {caption}"] if caption else []
    return "\n".join(["```{toctree}", ":hidden:", *heading, "", *pages, "```", ""])


def sample(value: Any) -> str:
    """A value as a block of JSON."""
    return code("json", json.dumps(value, indent=2, ensure_ascii=False))


class Assumptions:
    """The rows of docs/assumptions.md, to be shown where they apply: on pages in a folder beside docs/."""

    def __init__(self, document: Path) -> None:
        self._claims = dict(ROW.findall(document.read_text("utf-8")))

    def marks(self, *holders: dict[str, Any]) -> list[str]:
        """The numbers of `x-assumption` on objects of a contract, each once, in order."""
        marks = [mark for holder in holders for mark in _listed(holder.get("x-assumption", []))]
        return sorted(dict.fromkeys(marks), key=lambda mark: int(mark[1:]))

    def links(self, *holders: dict[str, Any]) -> str:
        """Links to the rows, for a cell or the end of a sentence."""
        return ", ".join(f"[{mark}](../docs/assumptions.md#{mark.lower()})" for mark in self.marks(*holders))

    def note(self, *holders: dict[str, Any]) -> str:
        """A box that says what is assumed; nothing if all is the vendor's."""
        marks = self.marks(*holders)
        lines = [f"- [{mark}](../docs/assumptions.md#{mark.lower()}): {self._claims.get(mark, '')}" for mark in marks]
        return "\n".join([":::{admonition} Assumed, not documented by the vendor", *lines, ":::", ""]) if lines else ""


def _listed(marks: str | list[str]) -> list[str]:
    return [marks] if isinstance(marks, str) else marks
