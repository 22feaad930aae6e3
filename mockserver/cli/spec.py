"""`mockserver spec`: lint a contract, compare two versions of it, and show its resources."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion, terminal
from mockserver.escaping import masked_source, visible

if TYPE_CHECKING:
    from mockserver.openapi.loading import Document
    from mockserver.spec.diff import Change

FINDINGS = 1  # the exit code
_MOST_WHERE = 3
_ROOT = "Folder that a contract may refer to, at any depth; the one that it is in if left out."

_OVERLAY = "Path or URL of an OpenAPI Overlay whose actions are applied first."


@click.group()
def spec() -> None:
    """Examine OpenAPI contracts.

    \b
    Examples:
      mockserver spec lint petstore.yaml
      mockserver spec diff old.yaml new.yaml
      mockserver spec resources petstore.yaml
    """


@spec.command()
@click.argument("file", required=False, shell_complete=completion.files)
@click.option("--spec-root", shell_complete=completion.folders, help=_ROOT)
@click.option("--overlay", shell_complete=completion.files, help=_OVERLAY)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def lint(file: str | None, spec_root: str | None, overlay: str | None, *, as_json: bool) -> None:
    """List what makes a contract invalid, or useless for mocking and judging.

    FILE is a path or a URL; without it, the mock's own contract is linted. Each finding has its file and line, what is
    wrong, and what to do. Then comes what `check live` can judge less by it, which is no finding. Exit code 0: nothing
    found. 1: something found. 2: the contract can't be read.

    \b
    With --json:
      {"findings": [{"rule", "line": "FILE:LINE", "pointer": "#/…", "message", "advice"}, …],
       "judging": [{"message", "advice"}, …], "summary": {"findings": 2}}

    \b
    Examples:
      mockserver spec lint
      mockserver spec lint petstore.yaml
      mockserver spec lint https://example.com/openapi.json --json
    """
    from mockserver.openapi.contract import shipped
    from mockserver.spec.lint import lint as linted

    remarks = linted(file or shipped(), spec_root, overlay=overlay)
    lacks = _lacks(file, spec_root, overlay) if file else []
    if as_json:
        findings = [remark._asdict() for remark in remarks]
        terminal.print_json({"findings": findings, "judging": lacks, "summary": {"findings": len(findings)}}, indent=2)
    else:
        count = f"{len(remarks)} finding{'' if len(remarks) == 1 else 's'}" if remarks else "nothing found"
        told = [f"less judged: {visible(lack['message'])}\n    {visible(lack['advice'])}" for lack in lacks]
        terminal.say("\n".join([*map(str, remarks), *told, f"{masked_source(file or 'openapi.yaml')}: {count}"]))
    raise click.exceptions.Exit(FINDINGS if remarks else 0)


def _lacks(file: str, root: str | None, overlay: str | None) -> list[dict[str, str]]:
    """What the contract doesn't tell a judge. It is no defect of a contract, and none of an invalid one is told."""
    from mockserver.openapi.contract import Contract
    from mockserver.openapi.judging import lacks
    from mockserver.openapi.resources import Surface

    try:
        surface = Surface(Contract.load(file, root=root, overlay=overlay))
        return [{"message": str(lack), "advice": lack.sentence} for lack in lacks(surface)]
    except Exception:  # noqa: BLE001 (anything: the document may lack the form that OpenAPI demands)
        return []


@spec.command()
@click.argument("file", shell_complete=completion.files)
@click.option("--spec-root", shell_complete=completion.folders, help=_ROOT)
@click.option("--overlay", shell_complete=completion.files, help=_OVERLAY)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def resources(file: str, spec_root: str | None, overlay: str | None, *, as_json: bool) -> None:
    """Show which resources a mock of a contract remembers, how sure that is, and why.

    FILE is a path or a URL. For each resource come its operations by role (create, read, list, replace, patch, delete),
    where bodies hold the record, and which parameters page, filter and sort. What is unsure answers by examples, and so
    does what is listed at the end, with the reason. `x-mock-resource` in an overlay corrects it: docs/memory.md.

    \b
    With --json:
      {"resources": [{"name", "confidence": "certain", "isRemembered": true, "reasons": […], "collection", "item",
                      "parameter", "key": "/id", "parent", "operations": [{"role", "operation", "status", …}, …],
                      "left": {"GET /…": "why"}}, …],
       "left": [{"operation", "why"}, …],
       "summary": {"remembered": 3, "unsure": 1, "operations": 14, "byExamples": 4}}

    \b
    Examples:
      mockserver spec resources petstore.yaml
      mockserver spec resources petstore.yaml --overlay corrections.yaml --json
    """
    from mockserver.openapi.contract import Contract
    from mockserver.spec.resources import resources_of

    contract = Contract.load(file, root=spec_root, overlay=overlay)
    try:
        report = resources_of(contract)
    except Exception as error:  # the document was loaded without a check, and may lack the form that OpenAPI demands
        raise contract.explained(error, spec_root) from error
    if as_json:
        terminal.print_json(report.as_json(), indent=2)
    else:
        terminal.say("\n".join(map(visible, report.lines())))


@spec.command()
@click.argument("old", shell_complete=completion.files)
@click.argument("new", shell_complete=completion.files)
@click.option("--spec-root", shell_complete=completion.folders, help=_ROOT)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def diff(old: str, new: str, spec_root: str | None, *, as_json: bool) -> None:
    """Tell what changed from OLD to NEW, and whether it breaks who relies on OLD.

    OLD and NEW are paths or URLs. A change is breaking, non-breaking or documentation. Requests break if what clients
    could send is refused now; responses, and events that are sent, if they can be what they couldn't be before. Senders
    are taken to send nothing that isn't described, and receivers to pass over what they don't know unless they say
    otherwise. What can't be told is called breaking, and says so.

    Exit code 0: nothing breaks. 1: something breaks. 2: a contract can't be read.

    \b
    With --json:
      {"changes": [{"kind": "breaking", "where": ["POST /pets", …], "what": "Pet: the property tag is gone",
                    "document": "old", "pointer": "#/components/…", "line": "old.yaml:12"}, …],
       "summary": {"breaking": 1, "non-breaking": 0, "documentation": 0}}

    \b
    Examples:
      mockserver spec diff old.yaml new.yaml
      mockserver spec diff https://example.com/openapi.json openapi.yaml --json
    """
    from mockserver.openapi.loading import load
    from mockserver.spec.diff import ChangeKind

    documents = {name: load(source, check=False, root=spec_root) for name, source in (("old", old), ("new", new))}
    changes = _compared(documents)
    counts = Counter(change.kind for change in changes)
    summary = {str(kind): counts[kind] for kind in ChangeKind}
    if as_json:
        rows = [_row(change, documents) for change in changes]
        terminal.print_json({"changes": rows, "summary": summary}, indent=2)
    else:
        total = ", ".join(f"{count} {kind}" for kind, count in summary.items())
        lines = map(visible, _shown(changes, documents))  # so that no document can break a line
        terminal.say("\n".join([*lines, total if changes else "nothing changed"]))
    raise click.exceptions.Exit(FINDINGS if counts[ChangeKind.BREAKING] else 0)


def _compared(documents: "dict[str, Document]") -> "list[Change]":
    from mockserver.errors import ContractError
    from mockserver.spec.diff import compare

    try:
        return compare(*(document.content for document in documents.values()))
    except Exception as error:
        for document in documents.values():
            if any(problem.is_of_form for problem in document.problems()):
                advice = f"Mend what `mockserver spec lint {document.source}` finds first."
                raise ContractError(f"{document.source} has not the form of OpenAPI. {advice}") from error
        raise


def _row(change: "Change", documents: "dict[str, Document]") -> dict[str, Any]:
    from mockserver.openapi.structure import readable

    line = documents[change.side].place(change.place).line
    pointed = {"document": change.side, "pointer": readable(change.place), "line": line}
    return {"kind": change.kind, "where": change.where, "what": change.what} | pointed


def _shown(changes: "Sequence[Change]", documents: "dict[str, Document]") -> Iterable[str]:
    """Lines of the changes, grouped by kind and by place."""
    groups: dict[tuple[str, tuple[str, ...]], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.where), []).append(change)
    last = ""
    for (kind, where), members in groups.items():
        if kind != last:
            yield f"{kind}:"
            last = kind
        yield f"  {_listed(where)}"
        yield from (f"    {change.what}  ({documents[change.side].place(change.place).line})" for change in members)
        yield ""


def _listed(where: tuple[str, ...]) -> str:
    rest = len(where) - _MOST_WHERE
    return ", ".join(where[:_MOST_WHERE]) + (f", and {rest} more" if rest > 0 else "")
