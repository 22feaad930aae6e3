"""An annotated contract: the copy of a contract that the documentation page shows; made at its first request.

Descriptions gain what a reader wants to know at that place: which assumptions apply, which other responses `Prefer`
gets from this mock, and how to make an event happen. /openapi.json stays the contract itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from mockserver.app import guide_pages
from mockserver.app.served_documents import RELATIVE, json_of
from mockserver.openapi.contract import Contract
from mockserver.pipeline.declared_responses import named_examples

Json = dict[str, Any]
MARK = "x-assumption"
DEFAULT_URL = "http://127.0.0.1:8181"  # what `mockserver trigger` calls unless it is told another one
ALL_ASSUMPTIONS = "[docs/assumptions.md](/docs/assumptions)"
PREFER_GUIDE = "#api/description/other-answers-and-faults"  # where the viewer shows PREFER
FAULTS_GUIDE = "#control/tag/faults"

PREFER = """
## Other answers, and faults

* **Another declared answer** to one call: the header `Prefer: code=404`, or `Prefer: example=NAME`. Each operation
  below lists its codes and the names of its examples. `Prefer: delay=1.5` makes the call wait, in seconds; all three
  can be combined with commas. The answer says in `Preference-Applied` what was done."""
FAULTS = """
* **A fault** for calls that you can't add a header to, such as those of your application: tell the control plane which
  operation or event shall go wrong, how, and how often. [All that a fault can do]({guide}).

  ```sh
  curl {url}/_mock/faults{key} \\
    -H 'Content-Type: application/json' \\
    --data-binary '{{"operationId": "{operation}", "status": 503, "times": 2}}'
  ```"""
TRIGGER = """**Make it happen.** Subscribe, then run

```sh
mockserver trigger {name}{server}
```"""
CALL = """or, without the command line,

```sh
curl {url}/_mock/events{key} \\
  -H 'Content-Type: application/json' \\
  --data-binary '{{"eventName": "{name}"}}'
```"""
KEY = ' -H "X-Mock-Control-Token: $MOCKSERVER_CONTROL_TOKEN"'


class Mock(NamedTuple):
    """What the notes have to know of the mock: whether it understands `Prefer`, whether it can be steered, and whether
    that needs a control token."""

    prefers: bool
    control: bool
    has_control_token: bool


def annotated(contract: Contract, mock: Mock, url: str | None) -> bytes:
    """The contract as JSON for the page. `url` is that of the mock; without an absolute one the default is shown."""
    document: Json = orjson.loads(orjson.dumps(contract.document))
    shown = DEFAULT_URL if url in (None, RELATIVE) else str(url)
    if contract.is_ours:
        _tell_assumptions(document)
        _put_keys_first(document, contract)
    if mock.prefers:
        _tell_preferences(document, contract)
        _tell_of_mock(document, contract, mock, shown)
    events = document.get(contract.dialect.events)
    if mock.control and isinstance(events, dict):
        _tell_triggers(events, mock, shown)
    # The viewer shows `x-webhooks` as `webhooks`, and has to find there what callbacks refer to.
    return json_of(document, url).replace(b'"#/x-webhooks/', b'"#/webhooks/')


def assumption_links(numbers: str | Sequence[str]) -> str:
    """The links to some assumptions, in Markdown; their titles say what is assumed."""
    claims = guide_pages.claims()
    listed = [numbers] if isinstance(numbers, str) else numbers
    return ", ".join(f'[{number}](/docs/assumptions#{number} "{_title(claims.get(number, ""))}")' for number in listed)


def _title(claim: str) -> str:
    """A text as the title of a link: no quotes and no code in it."""
    return re.sub(r"[`\\]", "", claim).replace('"', "'")


def _tell_assumptions(document: Json) -> None:
    """Add to the description of each object that has a mark what its numbers are, and lead to the list of all."""
    info = document["info"]
    info["description"] = info.get("description", "").replace("`docs/assumptions.md`", ALL_ASSUMPTIONS)
    for place in _marked(document):
        _add(place, f"*Assumed:* {assumption_links(place[MARK])}")


def _marked(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        if isinstance(node.get(MARK), str | list):
            yield node
        for value in node.values():
            yield from _marked(value)
    elif isinstance(node, list):
        for value in node:
            yield from _marked(value)


def _put_keys_first(document: Json, contract: Contract) -> None:
    """Let the viewer's samples send an API key, where there is a choice: the page knows that of the mock."""
    operations = (operation for item in document["paths"].values() for operation in item.values())
    for node in (document, *(operation for operation in operations if isinstance(operation, dict))):
        if "security" in node:
            node["security"].sort(
                key=lambda wanted: any(contract.security_scheme(name)["type"] != "apiKey" for name in wanted)
            )


def _tell_preferences(document: Json, contract: Contract) -> None:
    """Add to each operation what can be chosen by `Prefer`."""
    for route in contract.routes():
        path, method = route.declared_path, route.method.lower()
        _add(document["paths"][path][method], preferences(named_examples(contract, contract.operation(path, method))))


def preferences(examples: Mapping[str, Sequence[str]]) -> str:
    """What can be chosen by `Prefer`, in Markdown; `examples` are the names by status."""
    codes = " · ".join(_code(status) for status in examples if status.isdigit())
    statuses: dict[str, list[str]] = {}
    for status, names in examples.items():
        for name in names:
            statuses.setdefault(name, []).append(status)
    named = " · ".join(f"{_code(name)} ({', '.join(of)})" for name, of in statuses.items())
    told = [f"`Prefer: code=…` {codes}"] if codes else []
    told += [f"`Prefer: example=…` {named}"] if named else []
    return "\n".join([f"[Other answers]({PREFER_GUIDE})\n", *(f"* {line}" for line in told)]) if told else ""


def _tell_of_mock(document: Json, contract: Contract, mock: Mock, url: str) -> None:
    """Add to the introduction how to get other answers."""
    told = PREFER
    if mock.control:
        operation = next(filter(_is_plain, contract.operation_ids), "NAME")
        told += FAULTS.format(guide=FAULTS_GUIDE, url=url, key=_key(mock), operation=operation)
    _add(document["info"], told)


def _tell_triggers(events: Json, mock: Mock, url: str) -> None:
    """Add to each event how it is caused."""
    server = "" if url == DEFAULT_URL else f" \\\n  --server {url}"
    for name, item in events.items():
        for operation in (item or {}).values():
            if isinstance(operation, dict) and "responses" in operation and _is_plain(name):
                call = CALL.format(url=url, key=_key(mock), name=name)
                _add(operation, f"{TRIGGER.format(name=name, server=server)}\n\n{call}")


def _key(mock: Mock) -> str:
    return KEY if mock.has_control_token else ""


def _is_plain(name: str) -> bool:
    """Whether a name, which a stranger chose, can stand in a line for a shell."""
    return re.fullmatch(r"[A-Za-z0-9_.-]+", name) is not None


def _code(text: str) -> str:
    """A text as code, on one line; strangers chose it."""
    return "`" + re.sub(r"[`\s]+", " ", text) + "`"


def _add(node: Json, text: str) -> None:
    """Add a paragraph to a description; Markdown."""
    described = node.get("description")
    paragraphs = [described.strip(), text.strip()] if isinstance(described, str) else [text.strip()]
    node["description"] = "\n\n".join(filter(None, paragraphs))
