"""A collection before it is written in anybody's format: variables, and requests in the order in which they run."""

from dataclasses import dataclass

SUCCESS = "status is 2xx"  # the name of the test of every request


@dataclass(frozen=True)
class Variable:
    """A variable of the collection, and the value that it begins with; empty for what a response supplies.

    `secret`: a value that belongs into no file, but for the mock's own.
    """

    name: str
    value: str = ""
    description: str = ""
    secret: bool = False


@dataclass(frozen=True)
class Capture:
    """A value of a response that later requests need: the steps to it in the JSON body, and the variable it goes to."""

    variable: str
    steps: tuple[str, ...]

    def expression(self, body: str) -> str:
        """The value as an expression of JavaScript, where `body` is that of the parsed body."""
        return body + "".join(f".{step}" if step.isidentifier() else f"[{step!r}]" for step in self.steps)


@dataclass(frozen=True)
class Escape:
    """A variable of people's own in a body: as `escaped` it has its quotes and backslashes escaped."""

    variable: str
    escaped: str


@dataclass(frozen=True)
class QueryParameter:
    """A parameter of a query. One that isn't `enabled` is there to be switched on."""

    name: str
    value: str
    description: str
    enabled: bool


@dataclass(frozen=True)
class Request:
    """A request of a collection.

    `path`, `body` and query hold variables as `{{name}}`, which both clients read. `folder` is the name of its folder:
    requests of one folder stand together. `token` is the variable with the bearer token; None for what needs no
    credential. Before it is sent, `escapes` are made; of its response, `captures` are kept.
    """

    name: str
    folder: str
    description: str
    method: str
    path: str
    query: tuple[QueryParameter, ...]
    body: str | None
    token: str | None
    escapes: tuple[Escape, ...] = ()
    captures: tuple[Capture, ...] = ()


@dataclass(frozen=True)
class Collection:
    """A collection. `variables` begin with those that people set; `elsewhere` is the base URL of another server than
    that of the variables."""

    title: str
    description: str
    elsewhere: str
    variables: tuple[Variable, ...]
    requests: tuple[Request, ...]

    @property
    def folders(self) -> dict[str, list[Request]]:
        """The requests by folder; both in the order in which they run."""
        found: dict[str, list[Request]] = {}
        for request in self.requests:
            found.setdefault(request.folder, []).append(request)
        return found
