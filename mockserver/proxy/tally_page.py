"""The tally as a page: a table without a script, for who opens `/_mock/violations` in a browser."""

from collections.abc import Iterable
from html import escape

from mockserver.escaping import visible
from mockserver.proxy.tally import ViolationTally

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="robots" content="noindex"><title>Proxy: what was found</title></head>
<body>
<h1>What was found</h1>
<p>{passed} passed, {judged} of them judged; {violations} violations. <a href="ui">What passes</a></p>
{tables}
</body>
</html>
"""
_GROUPS = ("number", "operation", "side", "place", "keyword", "statuses", "such as", "message", "request")


def page(tally: ViolationTally) -> bytes:
    """The page."""
    shown = tally.as_json()
    groups = [
        (
            *(group["count"], group["operationId"], group["side"], group["place"], group["keyword"]),
            *(", ".join(group["statuses"]), *(group["example"][name] for name in ("where", "message", "requestId"))),
        )
        for group in shown["items"]
    ]
    tables = [
        _table("Violations", _GROUPS, groups),
        _table("Not judged", ("why", "number"), shown["unjudged"].items()),
        _table("Not in the contract", ("request", "number"), shown["notInTheContract"].items()),
        _table("Answered by the mock", ("operation", "number"), shown["fallbacks"].items()),
    ]
    counts = {name: shown[name] for name in ("passed", "judged", "violations")}
    return _PAGE.format(tables="\n".join(filter(None, tables)), **counts).encode()


def _table(title: str, names: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table; nothing if it has no rows."""
    lines = [_row("td", row) for row in rows]
    return f"<h2>{title}</h2>\n<table>\n{_row('th', names)}\n" + "\n".join(lines) + "\n</table>" if lines else ""


def _row(cell: str, values: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<{cell}>{escape(visible(str(value)))}</{cell}>" for value in values) + "</tr>"
