"""Patches: the edits that make a contract hold for live, as a diff of its text, each proven on what was answered."""

import re
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

from mockserver.checks.drift.admitting import NotExpressible, edits_for
from mockserver.checks.drift.conformance import departures
from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.edits import Edit
from mockserver.checks.drift.yaml_text import CantEdit, edited
from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.loading import Source
from mockserver.openapi.resources import Surface
from mockserver.openapi.structure import Steps

UNENDED = "\\ No newline at end of file\n"
OVERLAID = "no patch: an overlay corrects this contract. Change the document, or the overlay, at that place"
OF_LIVE = (Stance.LIVE, Stance.BOTH, Stance.SILENT)


@dataclass(frozen=True)
class Patch:
    """A patch of a contract: a unified diff, which is empty where there is none; then `why` says so."""

    diff: str = ""
    edits: tuple[Edit, ...] = ()
    why: str = ""

    @property
    def declarations(self) -> frozenset[Steps]:
        """The places that are edited: keys of mappings, and lists."""
        return frozenset((*one.steps, one.key) if one.key is not None else one.steps for one in self.edits)


class Patcher:
    """The patches of one contract. `name` is that of its file in diffs."""

    def __init__(self, surface: Surface, name: str) -> None:
        self._contract, self._name = surface.contract, name
        self.text = surface.contract.text.decode("utf-8-sig")

    def of(self, cause: list[Disagreement]) -> Patch | None:
        """The patch by which the contract holds for what live answers in a cause; None if it does already."""
        if all(one.verdict not in OF_LIVE for one in cause):
            return None
        if self._contract.place is not None:
            return Patch(why=OVERLAID)
        try:
            edits = edits_for(self._contract.document, cause)
            text = self.text_with(edits)
            return Patch(self.diff(text), tuple(edits), self._doubt(text, cause))
        except (NotExpressible, CantEdit, LookupError) as error:
            return Patch(why=f"no patch: {error}")

    def text_with(self, edits: list[Edit]) -> str:
        """The contract's text with edits. Raises CantEdit."""
        text = self.text
        for edit in edits:
            text = edited(text, edit)
        return text

    def diff(self, text: str) -> str:
        """What has changed in a text, as `git apply` and `patch -p1` take it."""
        names = (f"a/{self._name}", f"b/{self._name}")
        lines = unified_diff(_lines(self.text), _lines(text), *names)
        return "".join(line if line.endswith("\n") else f"{line}\n{UNENDED}" for line in lines)

    def _doubt(self, text: str, cause: list[Disagreement]) -> str:
        """The reason why a text isn't proven to hold: it is no contract, or answers still leave it; empty if it holds.
        What the mock answers must fit as well as before."""
        try:
            contract = self._read(text)
        except ContractError as error:
            return f"the patched contract isn't valid: {error}"
        surface = Surface(contract)
        for one in cause:
            call = surface.calls[one.pair.ask.call.id]
            if any(map(one.shows, departures(contract, call, one.pair.live))):
                return "an answer of live still leaves the patched contract"
            before = departures(self._contract, one.pair.ask.call, one.pair.mock)
            if set(departures(contract, call, one.pair.mock)) - set(before):
                return "an answer of the mock leaves the patched contract"
        return ""

    def _read(self, text: str) -> Contract:
        """The contract in a text, which is loaded only where it isn't as OpenAPI 3.0 has it: that takes longer, and
        `together` loads what is told in the end. Raises ContractError."""
        if str(self._contract.document.get("openapi")).startswith("3.0"):
            return Contract(text.encode(), Source("openapi.yaml", text.encode()).content)
        return loaded(text)


def name_in_diffs(spec: str | None, folder: Path) -> str:
    """The name of a contract's file in diffs that are applied in a folder; of one elsewhere that of the file alone."""
    path = Path(spec or "openapi.yaml")
    whole = (folder / path).resolve()
    is_inside = "://" not in str(spec) and whole.is_relative_to(folder.resolve())
    return whole.relative_to(folder.resolve()).as_posix() if is_inside else path.name


def _lines(text: str) -> list[str]:
    """The lines of a text as diffs have them, which a line feed ends and nothing else."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def loaded(text: str) -> Contract:
    """The contract in a text, checked as a whole. Raises ContractError."""
    with TemporaryDirectory(prefix="mockserver-drift-") as folder:
        path = Path(folder) / "openapi.yaml"
        path.write_text(text, "utf-8")
        return Contract.load(path)


def together(patcher: Patcher, patches: list[Patch]) -> str:
    """One diff with all edits, each once; those that don't fit any more are left out.

    Raises ContractError where that is no contract.
    """
    done: list[Edit] = []
    text = patcher.text
    for edit in [edit for patch in patches for edit in patch.edits]:
        if edit not in done:
            done.append(edit)
            with suppress(CantEdit):
                text = edited(text, edit)
    if done:
        loaded(text)
    return patcher.diff(text)
