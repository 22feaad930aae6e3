"""Errors of the mock, all in one place.

    MockserverError             for the operator: one line that says what to do; carries the exit code
    ├── SettingsError           a setting that can't be used
    ├── ContractError           a contract that can't be served
    │   └── ReferenceLost       because of a reference
    ├── MissingExtra            an optional part isn't installed
    ├── NoExample               no value is found that the contract accepts at a place
    ├── PortTaken               the address is in use
    └── RemoteError             a running mock can't do what a command wants
        ├── NotRunning          as there is none
        └── Refused             as it says no: carries the status and the violations
    ApiError                    for the client: status, headers and body as the contract declares them
    ├── BadRequest              400, with every violation
    ├── HmacNotEnabled          400, there is no key to rotate
    ├── AuthenticationRequired  401, no credential
    ├── InvalidToken            401, not a JWT of ours
    ├── ExpiredToken            401, a JWT of ours, but too old
    ├── BadCredentials          401, wrong user name, password or refresh token
    ├── ControlTokenRequired    401, /_mock needs the control token
    ├── AccessDenied            403
    ├── ForeignOrigin           403, /_mock is not for pages of other origins
    ├── ForeignHost             403, nor for those that reached the mock by a public name
    ├── SentByAMock             403, nor for deliveries
    ├── ReadByAPublicName       403, nor is a contract that isn't everybody's for pages that came by a public name
    ├── NotFound                404
    │   └── UnknownStore        404, and names the stores that there are
    ├── UnknownEvent            404, an event that the contract doesn't have
    ├── MethodNotAllowed        405, with a complete `Allow`
    ├── Conflict                409, what is wanted doesn't fit what is there
    │   └── OtherEngine         409, a request to /_mock that needs the compiled engine
    ├── PayloadTooLarge         413
    ├── UnsupportedMediaType    415
    ├── TooManyRequests         429, with `Retry-After`
    ├── StorageAway             503: the database of a shared state can't be reached
    ├── ReplicaSilent           503: a change of the control plane has not reached all replicas
    └── TooManyListeners        503: of the stream of the control plane

Anything else that is raised is a defect: it is logged with its traceback, and the client gets a bare 500.
The bodies are the vendor's (docs/assumptions.md names those that had to be guessed).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from mockserver.violations import Violation, advised, dotted

MOST_REPEATED = 100  # characters of what a client sent
MOST_NAMED = 10  # stores of a hint


class MockserverError(Exception):
    """An error that the operator can fix. The message is one line that says what to do."""

    exit_code: ClassVar[int] = 2


class SettingsError(MockserverError):
    """A setting has a value that can't be used."""


class ContractError(MockserverError):
    """The contract can't be read, is not valid, or needs what the mock can't do.

    `pointer` is the JSON pointer of the place, if the message doesn't name file and line. `files` are the local files
    that were read, if known: a change of one of them may help.
    """

    def __init__(self, message: str, pointer: str | None = None, files: Iterable[Path] = ()) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.files = tuple(files)


class ReferenceLost(ContractError):
    """A reference of the contract leads nowhere, or back to itself."""


class MissingExtra(MockserverError):
    """A command needs libraries that serving doesn't."""


class NoExample(MockserverError):
    """No value was found that the contract accepts at a place."""


class PortTaken(MockserverError):
    """Another process listens on the address."""


class RemoteError(MockserverError):
    """A running mock can't be reached, or its response makes no sense."""


class NotRunning(RemoteError):
    """Nothing listens at the address of the mock."""


class Refused(RemoteError):
    """The mock refuses a call. `errors` are the violations in its response, as `Violation.as_error` makes them."""

    def __init__(self, message: str, status: int, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.errors = tuple(errors)


class ApiError(Exception):
    """A response that isn't a success. Subclasses set `status` and `message`; `body()` is its JSON body.

    `hint` says to people what the body doesn't: why it is so, and what to do. It is for X-Mock-Hint and the log.
    `instead` are the statuses by which other people's contracts say the same.
    """

    status: ClassVar[int]
    instead: ClassVar[tuple[int, ...]] = ()
    message: str
    hint: str = ""

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        self.message = self.message if message is None else message
        self.hint = self.hint if hint is None else hint
        super().__init__(self.message)

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses by which contracts say this, the one that fits best first."""
        return (self.status, *self.instead)

    def explain(self) -> None:
        """Let the body say what the hint says. The control plane does: its words are our own, and not the vendor's."""
        self.message = self.hint or self.message

    def body(self) -> dict[str, object]:
        return {"code": self.status, "message": self.message}

    def headers(self) -> list[tuple[bytes, bytes]]:
        return []


class BadRequest(ApiError):
    """The request doesn't fit the contract, or a rule of the API. Lists every violation; none if it can't be read.

    The hint is the first of them.
    """

    status = 400
    instead = (422,)
    message = "Validation failed"

    def __init__(self, violations: Sequence[Violation] = (), message: str | None = None) -> None:
        super().__init__(message)
        self.violations = tuple(violations)
        self.hint = _first_of(self.violations) or self.message

    @property
    def statuses(self) -> tuple[int, ...]:
        """Who declares a 422 beside a 400 means that by it: a body that can be read, and doesn't fit."""
        return (*self.instead, self.status) if self.violations else super().statuses

    def explain(self) -> None:
        """Let each violation say what would be right."""
        self.violations = tuple(map(advised, self.violations))
        self.hint = _first_of(self.violations) or self.message

    def body(self) -> dict[str, object]:
        return super().body() | {"errors": [violation.as_error() for violation in self.violations]}


class HmacNotEnabled(BadRequest):
    """A key can't be rotated where there is none."""

    message = "HMAC is not enabled for this subscription. Set hmacEnabled to true first."


class _Unauthorized(ApiError):
    status = 401
    instead = (403,)

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"www-authenticate", b"Bearer")]


class AuthenticationRequired(_Unauthorized):
    """No credential was sent. The vendor's body has no `code`."""

    message = "Authentication Required"

    def body(self) -> dict[str, object]:
        return {"message": self.message}


class InvalidToken(_Unauthorized):
    """The bearer token is no JWT that this mock has signed."""

    message = "Invalid JWT Token"


class ExpiredToken(_Unauthorized):
    """The bearer token is ours, but its time is over."""

    message = "Expired JWT Token."


class BadCredentials(_Unauthorized):
    """User name, password or refresh token is wrong. The vendor's body has no `code`."""

    message = "Bad credentials."

    def body(self) -> dict[str, object]:
        return {"message": self.message}


class ControlTokenRequired(ApiError):
    """The call to the control plane doesn't bring the token that the mock was started with."""

    status = 401
    message = hint = "Send the control token of this mock in the header X-Mock-Control-Token."

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"www-authenticate", b"ControlToken")]


class AccessDenied(ApiError):
    """Authenticated, but not allowed."""

    status = 403
    message = "Forbidden."


class ForeignOrigin(AccessDenied):
    """The call to the control plane comes from a web page of another origin."""

    message = "Pages of other origins can't steer the mock."
    hint = "Pages of other origins can't steer the mock, but for those that --control-origin names."


class ForeignHost(AccessDenied):
    """The call to the control plane names the mock by a host under which the public could reach it."""

    message = hint = (
        "This host name might be a public one. Call the mock by its address, or by a name such as localhost; or start "
        "it with a control token (MOCKSERVER_CONTROL_TOKEN), and send that."
    )


class ReadByAPublicName(AccessDenied):
    """A contract that isn't everybody's is asked for by a host name under which the public could reach the mock."""

    message = hint = (
        "This host name might be a public one, by which a web page could read the contract. Call the mock by its "
        "address, or by a name such as localhost; or start it with --host and an address that other machines reach."
    )


class SentByAMock(AccessDenied):
    """The call to the control plane, or to a mock that shares its state, is the delivery of a mock, which whoever
    subscribes can send anywhere."""

    message = hint = "Deliveries of a mock, which carry X-Mock-Delivery, can't steer a mock, nor reach its replicas."


class NotFound(ApiError):
    """No such path, store or record."""

    status = 404
    message = "Not Found"


class UnknownStore(NotFound):
    """The path names a store that the mock doesn't have. The body is that of any 404; the hint names the stores."""

    def __init__(self, code: str, known: Sequence[str]) -> None:
        super().__init__(hint=f"No store {named(code)}; this mock has {listed(known)} (--stores).")


class UnknownEvent(ApiError):
    """The contract has no event of this name whose payload has a schema."""

    status = 404

    def __init__(self, name: str, known: Sequence[str]) -> None:
        listed = f"It has {', '.join(known)}." if known else "It has none."
        super().__init__(f"The contract has no event {name[:MOST_REPEATED]!r} whose payload has a schema. {listed}")
        self.hint = self.message


class MethodNotAllowed(ApiError):
    """The path exists, but not with this method."""

    status = 405
    message = "Method Not Allowed."

    def __init__(self, allow: Sequence[str]) -> None:
        super().__init__(hint=f"This path has {', '.join(allow)}." if allow else None)
        self.allow = tuple(allow)

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"allow", ", ".join(self.allow).encode())]


class Conflict(ApiError):
    """What is wanted doesn't fit what is there: an id that is taken, a patch of what a record doesn't have."""

    status = 409
    instead = (422, 400)
    message = "Conflict"


class OtherEngine(Conflict):
    """The control plane is asked for a feature of the compiled engine, but Connexion serves the API."""

    message = hint = "The engine connexion serves this API: it has no faults of operations and keeps no requests."


class PayloadTooLarge(ApiError):
    """The body exceeds what the server reads."""

    status = 413
    instead = (400, 422)
    message = "Payload Too Large"


class UnsupportedMediaType(ApiError):
    """The body isn't declared as a media type that the operation takes."""

    status = 415
    instead = (400, 422)
    message = "Unsupported Media Type"


class TooManyRequests(ApiError):
    """A limit is reached; `retry_after` is in whole seconds, at least 1."""

    status = 429
    message = "Too Many Requests"

    def __init__(self, retry_after: int) -> None:
        wait = "1 second" if retry_after == 1 else f"{retry_after} seconds"
        super().__init__(hint=f"Wait for {wait}, or move the mock's clock (POST /_mock/clock/advance).")
        self.retry_after = retry_after

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"retry-after", str(self.retry_after).encode())]


class StorageAway(ApiError):
    """The database that keeps the state can't be reached. The contract doesn't declare this: it is the mock's own."""

    status = 503
    message = hint = (
        "The database of this mock can't be reached (--storage). Whether this request has changed anything is not "
        "known. The mock goes on by itself as soon as the database is back: try again then."
    )

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"retry-after", b"1"), (b"x-mock-source", b"mock")]


class ReplicaSilent(ApiError):
    """A change of the control plane is made, but some replicas have not said that they know it."""

    status = 503

    def __init__(self, silent: Sequence[str]) -> None:
        super().__init__(
            f"It is done, but not known to be so in {', '.join(silent)}, which doesn't answer. Call again; a replica "
            "that says nothing for three seconds is waited for no more."
        )
        self.hint = self.message

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"retry-after", b"3"), (b"x-mock-source", b"mock")]


class TooManyListeners(ApiError):
    """The stream of the control plane has as many listeners as it takes."""

    status = 503
    message = "Too many listen to this stream. Close some: pages of /_mock/ui, or calls of /_mock/stream."


def named(text: str) -> str:
    """What a client sent, as it stands in a hint: cut, and in quotes unless it is a plain word."""
    shown = text[:MOST_REPEATED]
    return shown if shown.isprintable() and shown and not set(shown) & set(" '\"[]") else repr(shown)


def listed(names: Sequence[str]) -> str:
    """Names as they stand in a sentence: MOST_NAMED of them, or `none`."""
    return (", ".join(names[:MOST_NAMED]) or "none") + (", …" if len(names) > MOST_NAMED else "")


def _first_of(violations: Sequence[Violation]) -> str:
    """The first violation in words, and how many there are."""
    if not violations:
        return ""
    more = f" (the first of {len(violations)})" if len(violations) > 1 else ""
    return f"{dotted(violations[0].path) or 'body'}: {violations[0].words}{more}"
