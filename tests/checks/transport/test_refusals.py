"""mockserver.checks.transport.refusals: by which statuses a contract refuses what is wrong."""

import pytest

from mockserver.checks.transport.refusals import is_refusal, refusals
from mockserver.openapi.resources import Call
from tests.support.contracts_of import call_with


def _call(*statuses: str) -> Call:
    return call_with(responses={status: {"description": ""} for status in ("200", *statuses)})


@pytest.mark.parametrize(
    ("declared", "usual", "expected"),
    [
        (("400",), "400", ("400",)),
        (("422",), "400", ("422",)),
        (("422", "400"), "400", ("400", "422")),
        (("404",), "400", ()),
        (("4XX",), "400", ("400", "422")),
        (("default",), "401", ("401", "403")),
        (("403",), "401", ("403",)),
        (("404",), "404", ("404",)),
    ],
)
def test_what_is_declared_counts(declared: tuple[str, ...], usual: str, expected: tuple[str, ...]) -> None:
    """The usual status comes first, then those by which others say the same; a range declares all of them."""
    assert refusals(_call(*declared), usual) == expected


@pytest.mark.parametrize(
    ("declared", "status", "expected"), [((), 401, True), ((), 403, True), (("401",), 403, False), ((), 404, False)]
)
def test_without_a_declaration_any_usual_refusal_does(
    declared: tuple[str, ...], status: int, *, expected: bool
) -> None:
    """A contract that says nothing is broken by neither of the usual refusals."""
    assert is_refusal(_call(*declared), "401", status) is expected
