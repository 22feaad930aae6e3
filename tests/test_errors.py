"""mockserver.errors: what each error answers, and the tree that shows them all."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver import errors
from mockserver.errors import ApiError, MockserverError
from mockserver.openapi.contract import Contract
from mockserver.pipeline.response_validation import SOURCE_MOCK
from mockserver.violations import missing, not_a_choice, taken

# Each error with the response component that it is, and the statuses under which operations declare that.
ANSWERS: list[tuple[ApiError, str, str]] = [
    (errors.BadRequest([missing(("a",)), taken(("b", 0))]), "BadSubscription", "BadRequest"),
    (errors.BadRequest([missing(("password",))]), "BadCredentialsRequest", "BadRequest"),
    (errors.BadRequest((), "The body is not valid JSON."), "BadSubscription", "BadRequest"),
    (errors.HmacNotEnabled(), "HmacNotEnabled", "BadRequest"),
    (errors.AuthenticationRequired(), "Unauthorized", "Unauthorized"),
    (errors.InvalidToken(), "Unauthorized", "InvalidToken"),
    (errors.ExpiredToken(), "Unauthorized", "ExpiredToken"),
    (errors.BadCredentials(), "BadCredentials", "BadCredentials"),
    (errors.AccessDenied(), "AccessDenied", "AccessDenied"),
    (errors.NotFound(), "NotFound", "NotFound"),
    (errors.NotFound(), "StoreNotFound", "NotFound"),
    (errors.UnknownStore("WRONG", ["DEFAULT"]), "StoreNotFound", "NotFound"),
    (errors.MethodNotAllowed(["GET", "HEAD"]), "MethodNotAllowed", "MethodNotAllowed"),
    (errors.PayloadTooLarge(), "PayloadTooLarge", "PayloadTooLarge"),
    (errors.UnsupportedMediaType(), "UnsupportedMediaType", "UnsupportedMediaType"),
    (errors.TooManyRequests(60), "TooManyLogins", "TooManyRequests"),
    (errors.TooManyRequests(300), "TooManyRotations", "TooManyRequests"),
]
# Those of the control plane, with the response components of control.yaml that they are.
REFUSALS: list[tuple[ApiError, str]] = [
    (errors.ControlTokenRequired(), "Unauthorized"),
    (errors.ForeignOrigin(), "Forbidden"),
    (errors.ForeignHost(), "Forbidden"),
    (errors.SentByAMock(), "Forbidden"),
    (errors.ReadByAPublicName(), "Forbidden"),
    (errors.OtherEngine(), "OtherEngine"),
    (errors.NotFound(), "NotFound"),
    (errors.TooManyListeners(), "TooManyListeners"),
    (errors.UnknownEvent("Lost", ["CustomerRegistered"]), "UnknownEvent"),
]
EXPLAINED: list[tuple[ApiError, str]] = [
    (errors.NotFound(), "Not Found"),
    (errors.NotFound(hint="Nothing has this id."), "Nothing has this id."),
    (errors.UnsupportedMediaType(hint="This operation takes JSON."), "This operation takes JSON."),
    (errors.BadRequest((), "The body is no JSON."), "The body is no JSON."),
]
# Those of remembered records, which other contracts declare in forms of their own.
OF_RECORDS: list[ApiError] = [errors.Conflict(hint="There is a pet 7 already.")]
# Those that no contract declares: the product has no database of ours.
OWN: list[ApiError] = [errors.StorageAway(), errors.ReplicaSilent(["replica 1 on a"])]
HEADERS: list[tuple[ApiError, list[tuple[bytes, bytes]]]] = [
    (errors.BadRequest(), []),
    (errors.AuthenticationRequired(), [(b"www-authenticate", b"Bearer")]),
    (errors.InvalidToken(), [(b"www-authenticate", b"Bearer")]),
    (errors.ExpiredToken(), [(b"www-authenticate", b"Bearer")]),
    (errors.BadCredentials(), [(b"www-authenticate", b"Bearer")]),
    (errors.AccessDenied(), []),
    (errors.MethodNotAllowed(["GET", "HEAD", "PUT"]), [(b"allow", b"GET, HEAD, PUT")]),
    (errors.MethodNotAllowed([]), [(b"allow", b"")]),
    (errors.TooManyRequests(60), [(b"retry-after", b"60")]),
]


def _name(value: object) -> str:
    return value if isinstance(value, str) else type(value).__name__


@pytest.mark.parametrize(("error", "component", "schema"), ANSWERS, ids=_name)
def test_body_fits_the_contract(contract: Contract, error: ApiError, component: str, schema: str) -> None:
    """The body of every error fits its response component, and there the schema of its own name."""
    in_component = f"/components/responses/{component}/content/application~1json/schema"

    assert contract.validator(in_component).violations(error.body()) == []
    assert contract.validator(f"/components/schemas/{schema}").violations(error.body()) == []


@pytest.mark.parametrize(
    ("error", "component"), [answer[:2] for answer in ANSWERS if type(answer[0]) is not errors.BadRequest], ids=_name
)
def test_body_is_an_example_of_the_contract(contract: Contract, error: ApiError, component: str) -> None:
    """The body of every error that always says the same is shown in the contract as an example, word for word."""
    content = contract.document["components"]["responses"][component]["content"]["application/json"]

    assert error.body() in [example["value"] for example in content["examples"].values()]


@pytest.mark.parametrize(("error", "component"), [answer[:2] for answer in ANSWERS], ids=_name)
def test_status_is_declared(contract: Contract, error: ApiError, component: str) -> None:
    """Operations declare the response component of every error, and under its status alone."""
    statuses = {status for status, name in _declared(contract) if name == component}

    assert statuses == {str(error.status)}


@pytest.mark.parametrize(("error", "component"), [answer[:2] for answer in ANSWERS], ids=_name)
def test_headers_are_declared(contract: Contract, error: ApiError, component: str) -> None:
    """An error sends the headers that its response component declares, and no other."""
    declared = contract.document["components"]["responses"][component].get("headers", {})

    assert {name.decode() for name, _ in error.headers()} == {name.lower() for name in declared}


def test_unauthorized_bodies_are_told_apart(contract: Contract) -> None:
    """A client can tell the three reasons of a 401 apart: each body fits the schema of its own reason only."""
    reasons = {
        "Unauthorized": errors.AuthenticationRequired(),
        "InvalidToken": errors.InvalidToken(),
        "ExpiredToken": errors.ExpiredToken(),
    }

    fits = {
        (name, schema)
        for name, error in reasons.items()
        for schema in reasons
        if contract.validator(f"/components/schemas/{schema}").is_valid(error.body())
    }

    assert fits == {(name, name) for name in reasons}


@pytest.mark.parametrize(("error", "expected"), HEADERS, ids=_name)
def test_headers_say_what_to_do(error: ApiError, expected: list[tuple[bytes, bytes]]) -> None:
    """A 401 names the scheme, a 405 the methods, and a 429 the seconds to wait."""
    assert error.headers() == expected


def test_bad_request_lists_every_violation() -> None:
    """A 400 lists the violations in the order in which they were found."""
    found = [missing(("a", "b")), taken(("c", 0))]

    body: dict[str, Any] = errors.BadRequest(found).body()

    assert body == {"code": 400, "message": "Validation failed", "errors": [one.as_error() for one in found]}


def test_message_can_be_given() -> None:
    """An error says its own message unless it is given another, and one doesn't change the next."""
    given = errors.BadRequest((), "The body is not valid JSON.")

    assert given.body() == {"code": 400, "message": "The body is not valid JSON.", "errors": []}
    assert str(given) == "The body is not valid JSON."
    assert str(errors.BadRequest()) == "Validation failed"


def test_every_error_is_tried() -> None:
    """No error that a client may read escapes the comparison with the contract."""
    tried = {type(error) for error, _, _ in ANSWERS} | {type(error) for error, _ in REFUSALS}
    tried |= set(map(type, (*OWN, *OF_RECORDS)))

    assert tried == set(_public(ApiError))


@pytest.mark.parametrize(("error", "component"), REFUSALS, ids=_name)
def test_refusals_of_the_control_plane_are_declared(error: ApiError, component: str) -> None:
    """The body and the headers of each refusal under /_mock are as control.yaml declares them."""
    control = Contract.of_control()
    declared = control.document["components"]["responses"][component]

    in_component = f"/components/responses/{component}/content/application~1json/schema"
    assert control.validator(in_component).violations(error.body()) == []
    assert {name.decode() for name, _ in error.headers()} == {name.lower() for name in declared.get("headers", {})}


@pytest.mark.parametrize("error", OF_RECORDS, ids=_name)
def test_refusals_of_records_say_why(error: ApiError) -> None:
    """What a remembered record refuses is told by the error's own hint, under a status that contracts may declare."""
    assert error.hint.startswith("There is")
    assert {error.status, *error.instead} <= {400, 409, 422}


@pytest.mark.parametrize("error", OWN, ids=_name)
def test_undeclared_errors_are_the_mocks_own(error: ApiError) -> None:
    """What no contract declares is marked as the mock's, so that it is no violation, and says when to come back."""
    assert SOURCE_MOCK in error.headers()
    assert {name for name, _ in error.headers()} == {b"retry-after", b"x-mock-source"}


@pytest.mark.parametrize(("root", "name"), [(MockserverError, "MockserverError"), (ApiError, "ApiError")])
def test_tree_draws_every_error(root: type[Exception], name: str) -> None:
    """The module's docstring draws every error below its root, with its status if it has one, and no other."""
    branch = re.split(r"\n    (?=\w)", (errors.__doc__ or "").split("\n\nAnything")[0])
    (lines,) = [part.splitlines()[1:] for part in branch if part.startswith(name)]

    drawn = [re.findall(r"── (\w+)(?: +(\d{3}))?", line)[0] for line in lines if "──" in line]

    expected = [(kind.__name__, str(getattr(kind, "status", ""))) for kind in _public(root)]
    assert sorted(drawn) == sorted(expected)


@pytest.mark.parametrize("kind", [errors.SettingsError, errors.ContractError, errors.PortTaken])
def test_operators_errors_end_with_code_2(kind: type[MockserverError]) -> None:
    """What an operator has to mend ends a command with the code for usage and environment, and isn't for clients."""
    assert kind.exit_code == 2
    assert not issubclass(kind, ApiError)


def _public(root: type[Exception]) -> Iterator[type[Exception]]:
    """All classes of the module below a root but the private ones."""
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__ and not kind.__name__.startswith("_"):
            yield kind
        yield from _public(kind)


def _declared(contract: Contract) -> Iterator[tuple[str, str]]:
    """Each status of an operation with the response component that it refers to."""
    for item in contract.document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                for status, response in operation["responses"].items():
                    yield status, response.get("$ref", "").rpartition("/")[2]


@pytest.mark.parametrize(("error", "message"), EXPLAINED)
def test_an_explained_error_says_in_its_body_what_its_hint_says(error: ApiError, message: str) -> None:
    """Clients that show the message alone help, too: under /_mock it is the hint, if there is one."""
    error.explain()

    assert error.body()["message"] == message


def test_an_explained_refusal_says_what_would_be_right() -> None:
    """Each violation of a refused call has its advice, and so has the hint, which is the first of them."""
    error = errors.BadRequest([not_a_choice(("a",), "admni", ["admin", "member"])])

    error.explain()

    assert error.violations[0].message.endswith("Did you mean admin?")
    assert error.hint == f"a: {error.violations[0].message}"


@pytest.mark.parametrize(("seconds", "told"), [(1, "Wait for 1 second, "), (2, "Wait for 2 seconds, ")])
def test_a_limit_tells_how_long_to_wait(seconds: int, told: str) -> None:
    """The hint of a 429 says how long to wait, in words that fit the number."""
    assert errors.TooManyRequests(seconds).hint.startswith(told)
