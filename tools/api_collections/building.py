"""From the contract to a collection."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Link, Surface, properties
from tools.api_collections import values
from tools.api_collections.model import Capture, Collection, Escape, QueryParameter, Request, Variable
from tools.api_collections.values import Names, reference
from tools.api_collections.walk import Step, walk

BASE_URL = "baseUrl"
NOWHERE = "https://receiver.invalid"  # a host that no resolver knows (RFC 2606)
ABOUT = """\
The operations of the API in an order in which all of them succeed. Run the whole of it, or begin with the first \
request: it logs in, and its script stores the tokens; ids of new records are stored in the same way. The last request \
ends all sessions of the user.

The variables fit the mock. For another instance set `{base}`, store, names and passwords; `{receiver}` is where \
events go. Members and transactions can't be deleted by the API, so each run leaves one of both.

Made from openapi.yaml by `make collections`: changes of your own belong into a copy."""


def collection(contract: Contract) -> Collection:
    """The collection of a contract. Raises ContractError where an example is missing."""
    return _Builder(contract).built()


class _Builder:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._surface = Surface(contract)
        self._names = Names(self._surface)
        self._variables: dict[str, Variable] = {}

    def built(self) -> Collection:
        document = self._contract.document
        ours, *others = map(_url, document["servers"])
        self._add(Variable(BASE_URL, ours, "The host of the API, without a path."))
        steps = walk(self._surface)
        requests = tuple(self._request(step, folder) for step, folder in zip(steps, _folders(steps), strict=True))
        self._add(Variable(values.RECEIVER, NOWHERE, "Where subscriptions lead. This one leads nowhere."))
        supplied = [variable for variable in self._variables.values() if not variable.value]
        given = [variable for variable in self._variables.values() if variable.value]
        about = ABOUT.format(base=BASE_URL, receiver=values.RECEIVER)
        return Collection(document["info"]["title"], about, (others or [ours])[0], (*given, *supplied), requests)

    def _add(self, variable: Variable) -> str:
        """Note a variable; the first mention counts. Returns its place."""
        self._variables.setdefault(variable.name, variable)
        return reference(variable.name)

    def _request(self, step: Step, folder: str) -> Request:
        call, link, declared = step.call, step.link, step.call.declared
        name, about = declared.get("summary", call.id), declared.get("description", "").strip()
        if link and not step.alone:
            name = f"{name}: {link.name}"
            about = "\n\n".join([self._description(link), about]).strip()
        request = Request(
            name=name,
            folder=folder,
            description=about,
            method=call.method,
            path=self._path(call),
            query=tuple(self._query(call)),
            body=self._body(step),
            token=None if call.public else self._token(),
            escapes=tuple(self._credentials(call).values()),
            captures=tuple(self._captures(call)),
        )
        for capture in request.captures:
            self._add(Variable(capture.variable))
        return request

    def _description(self, link: Link) -> str:
        response = self._contract.resolved(self._surface.calls[link.source].declared["responses"][link.status])
        return str(self._contract.resolved(response["links"][link.name]).get("description", "")).strip()

    def _path(self, call: Call) -> str:
        places = {}
        for parameter, declared in _parameters(self._contract, call, "path"):
            supplied = self._names.supplied(call, parameter)
            own = Variable(parameter, _sample(declared), declared.get("description", "").strip())
            places[parameter] = self._add(Variable(supplied) if supplied else own)
        return call.url(**places)

    def _query(self, call: Call) -> Iterator[QueryParameter]:
        for name, declared in _parameters(self._contract, call, "query"):
            about, needed = declared.get("description", "").strip(), declared.get("required", False)
            schema = self._contract.resolved(declared.get("schema", {}))
            fields = properties(self._contract, schema) if declared.get("style") == "deepObject" else {}
            for field, entry in fields.items():
                yield QueryParameter(f"{name}[{field}]", _sample({"schema": entry}), about, needed)
            if not fields:
                yield QueryParameter(name, _sample({**declared, "schema": schema}), about, needed)

    def _token(self) -> str:
        """The variable with the token of the first login: what it returns and no link hands on."""
        login = self._surface.logins[0]
        renewing = self._handed_on(login)
        return next(capture.variable for capture in self._captures(login) if capture.steps not in renewing)

    def _handed_on(self, call: Call) -> list[tuple[str, ...]]:
        return [steps for link in self._surface.links if link.source == call.id for steps in values.handed_on(link)]

    def _captures(self, call: Call) -> Iterator[Capture]:
        found = self._handed_on(call)
        if call.issues:
            found = [(name,) for name in self._surface.properties(call.operation, "2")]
        for steps in dict.fromkeys(found):
            yield Capture(self._names.of(call, steps[-1]), steps)

    def _body(self, step: Step) -> str | None:
        call = step.call
        if not call.operation.media_types:
            return None
        if step.link is not None:
            content = values.linked(step.link.body, step.link, self._names)
        else:
            content = self._example(call)
            content |= {name: reference(escape.escaped) for name, escape in self._credentials(call).items()}
        if call.creates and not self._surface.deletable(call):
            content = values.unique(content)
        return json.dumps(values.received(content), indent=2, ensure_ascii=False)

    def _example(self, call: Call) -> dict[str, Any]:
        """The first example of the body, which is an object."""
        body = self._contract.resolved(call.declared["requestBody"])
        media = next(iter(body["content"].values()))
        examples = [self._contract.resolved(entry)["value"] for entry in media.get("examples", {}).values()]
        if not examples and "example" not in media:
            raise ContractError(f"{call.id}: its request body has no example, so no collection can send it.")
        return dict(examples[0] if examples else media["example"])

    def _credentials(self, call: Call) -> dict[str, Escape]:
        """What is sent to log in: a variable for each property of the body. Other operations have none."""
        found: dict[str, Escape] = {}
        if call not in self._surface.logins:
            return found
        pointer = next(iter(call.operation.media_types.values()))
        entries = properties(self._contract, self._contract.at(pointer))
        for name, value in self._example(call).items():
            entry, variable = entries.get(name, {}), self._names.of(call, name)
            secret, about = entry.get("format") == "password", entry.get("description", "").strip()
            self._add(Variable(variable, str(value), about, secret))
            found[name] = Escape(variable, values.camel_case(f"escaped_{variable}"))
        return found


def _url(server: Mapping[str, Any]) -> str:
    """The URL of a server, by the defaults of its variables."""
    defaults = {name: entry["default"] for name, entry in server.get("variables", {}).items()}
    return str(server["url"]).format(**defaults)


def _folders(steps: list[Step]) -> list[str]:
    """The folder of each step: its tag; with the stage, where a tag has steps in several of them."""
    stages: dict[str, set[str]] = {}
    for step in steps:
        stages.setdefault(_tag(step), set()).add(step.stage)
    return [_tag(step) if len(stages[_tag(step)]) == 1 else f"{_tag(step)}: {step.stage}" for step in steps]


def _tag(step: Step) -> str:
    return next(iter(step.call.tags), step.call.kind)


def _parameters(contract: Contract, call: Call, location: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The declared parameters of one location, those of the path included."""
    item = contract.document["paths"][call.path]
    found = {}
    for entry in (*item.get("parameters", ()), *call.declared.get("parameters", ())):
        declared = contract.resolved(entry)
        if declared["in"] == location:
            found[declared["name"]] = declared
    yield from found.items()


def _sample(declared: Mapping[str, Any]) -> str:
    """A value for a parameter, as text: the example, the default, or the first that is allowed; else empty."""
    schema = declared.get("schema", {})
    choices = (declared.get("example"), schema.get("example"), schema.get("default"), *schema.get("enum", ()))
    value = next((choice for choice in choices if choice is not None), "")
    return value if isinstance(value, str) else json.dumps(value)
