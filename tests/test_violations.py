"""mockserver.violations: how what doesn't fit is worded, and where it stands."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import violations
from mockserver.openapi.contract import Contract
from mockserver.violations import Violation, dotted

PATH = ("customer", "labels", 0, "key")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BLANK = "c1051bb4-d103-4f74-8988-acbcafc7fdc3"
REGEX = "de1e3db3-5ed4-4941-aae4-59f3667cc3a3"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("url",), "url"),
        (("webhookSubscription", "url"), "webhookSubscription.url"),
        (("a", "b", 0, "c"), "a.b[0].c"),
        (("a", 1, 2), "a[1][2]"),
        ((0, "a"), "[0].a"),
        (("_orderBy", "createdAt"), "_orderBy.createdAt"),
        (("createdAt[gte]",), "createdAt[gte]"),
    ],
)
def test_path_is_dotted(path: violations.Path, expected: str) -> None:
    """Keys are joined by dots, indices stand in brackets."""
    assert dotted(path) == expected


def test_error_has_the_vendors_five_keys() -> None:
    """A violation shows itself as an element of the vendor's `errors`, with all five keys."""
    violation = Violation(PATH, "maxLength", "Too long.", "a-code", {"limit": 3}, 3)

    assert violation.as_error() == {
        "message": "Too long.",
        "parameters": {"limit": 3},
        "plural": 3,
        "code": "a-code",
        "path": "customer.labels[0].key",
    }


SAMPLES: list[tuple[Violation, str, str, dict[str, Any]]] = [
    (violations.missing(PATH), BLANK, "This value should not be blank.", {}),
    (violations.unexpected(PATH), "7703c766-b5d5-4cef-ace7-ae0dd82304e9", "This field was not expected.", {}),
    (violations.taken(PATH), "23bd9dbf-6b9b-41cd-a99e-4844bcf3077f", "This value is already used.", {}),
    (
        violations.wrong_type(PATH, None, ["string"]),
        "ad32d13f-c3d4-423b-909a-857b961eb720",
        "This value should not be null.",
        {},
    ),
    (
        violations.wrong_type(PATH, 1, ["string", "null"]),
        "ba785a8c-82cb-4283-967c-3cf342181b40",
        "This value should be of type string.",
        {"type": "string"},
    ),
    (
        violations.wrong_type(PATH, "1", ["integer", "boolean"]),
        "ba785a8c-82cb-4283-967c-3cf342181b40",
        "This value should be of type integer or boolean.",
        {"type": "integer or boolean"},
    ),
    (
        violations.not_a_choice(PATH, "x", ("a", "b")),
        "8e179f1b-97aa-4560-a02f-2a8b42e49df7",
        "The value you selected is not a valid choice.",
        {"value": "x", "choices": ["a", "b"]},
    ),
    (
        violations.of_pattern("^https?://[^/]+")(PATH, "ftp://x"),
        "57c2f299-1154-4870-89bb-ef3b1f5ad229",
        "This value is not a valid URL.",
        {"value": "ftp://x"},
    ),
    (
        violations.of_pattern("^[0-9]+$")(PATH, "x"),
        REGEX,
        "This value is not valid.",
        {"value": "x", "pattern": "^[0-9]+$"},
    ),
    (violations.otherwise_wrong(PATH, "not", "It fits."), REGEX, "This value is not valid.", {"detail": "It fits."}),
]


@pytest.mark.parametrize(("violation", "code", "message", "parameters"), SAMPLES)
def test_violation_has_the_vendors_words(
    violation: Violation, code: str, message: str, parameters: dict[str, Any]
) -> None:
    """Each kind of violation has the message, the code and the parameters of its constraint in Symfony."""
    assert violation.as_error() == {
        "message": message,
        "parameters": parameters,
        "plural": None,
        "code": code,
        "path": "customer.labels[0].key",
    }


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("date", "69819696-02ac-4a99-9ff0-14e127c4d1bc", "This value is not a valid date."),
        ("date-time", "1a9da513-2640-4f84-9b6a-4d99dcddc628", "This value is not a valid datetime."),
        ("email", "bd79c0ab-ddba-46cc-a703-a7a4b08de310", "This value is not a valid email address."),
        ("uri", "57c2f299-1154-4870-89bb-ef3b1f5ad229", "This value is not a valid URL."),
        ("uuid", "51120b12-a2bc-41bf-aa53-cd73daf330d0", "This is not a valid UUID."),
        ("ipv4", REGEX, "This value is not a valid ipv4."),
    ],
)
def test_format_has_the_vendors_words(name: str, code: str, message: str) -> None:
    """Each format has the message and the code of its constraint; an unknown one is named."""
    violation = violations.of_format(name)(PATH, "x")

    assert (violation.keyword, violation.code, violation.message) == ("format", code, message)
    assert violation.parameters == {"value": "x"}


@pytest.mark.parametrize(
    ("keyword", "limit", "code", "message", "plural"),
    [
        ("minimum", 1, "ea4e51d1-3342-48bd-87f1-9e672cd90cad", "greater than or equal to 1.", None),
        ("maximum", 50, "30fbb013-d015-4232-8b3b-8f3be97a7e14", "less than or equal to 50.", None),
        ("exclusiveMinimum", 0, "778b7ae0-84d3-481a-9dec-35fdb64b1d78", "be greater than 0.", None),
        ("exclusiveMaximum", 9, "079d7420-2d13-460c-8756-de810eeb37d2", "be less than 9.", None),
        ("multipleOf", 0.001, "6d99d6c3-1464-4ccf-bdc7-14d083cf455c", "be a multiple of 0.001.", None),
        ("minLength", 1, "9ff3fdc4-b214-49db-8718-39c315e33d45", "should have 1 character or more.", 1),
        ("maxLength", 255, "d94b19cc-114f-4f44-9cc4-4138e80a87b9", "should have 255 characters or less.", 255),
        ("minItems", 1, "bef8e338-6ae5-4caf-b8e2-50e7b0579e69", "should contain 1 element or more.", 1),
        ("maxItems", 100, "756b1212-697c-468d-a9ad-50dd783bb169", "should contain 100 elements or less.", 100),
    ],
)
def test_bound_has_the_vendors_words(keyword: str, limit: float, code: str, message: str, plural: int | None) -> None:
    """Each bound has the message and the code of its constraint, names the limit, and counts where there is a count."""
    violation = violations.of_bound(keyword, limit)(PATH, 5)

    assert violation.message.endswith(message)
    assert (violation.path, violation.keyword, violation.code) == (PATH, keyword, code)
    assert (violation.parameters, violation.plural) == ({"limit": limit}, plural)


@pytest.mark.parametrize(
    ("keyword", "detail"),
    [
        ("minProperties", "The least number of properties is 3."),
        ("maxProperties", "The largest number of properties is 3."),
        ("additionalItems", "The limit is 3."),
    ],
)
def test_bound_without_a_constraint_is_reported_too(keyword: str, detail: str) -> None:
    """A limit that the vendor has no constraint for is a violation like any other."""
    violation = violations.of_bound(keyword, 3)(PATH, 5)

    assert (violation.keyword, violation.code, violation.parameters) == (keyword, REGEX, {"detail": detail})


KINDS: dict[str, Callable[[], Violation]] = {
    **{f"sample {number}": lambda sample=sample: sample[0] for number, sample in enumerate(SAMPLES)},  # type: ignore[misc]
    "format": lambda: violations.of_format("date")(PATH, "x"),
    "bound": lambda: violations.of_bound("minimum", 1)(PATH, 5),
    "count": lambda: violations.of_bound("maxItems", 1)(PATH, 5),
    "limit": lambda: violations.of_bound("maxProperties", 1)(PATH, 5),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_violation_fits_the_contract(contract: Contract, kind: Callable[[], Violation]) -> None:
    """Every kind of violation is a ValidationError of the contract, and its code a UUID."""
    error = kind().as_error()

    assert contract.validator("/components/schemas/ValidationError").violations(error) == []
    assert UUID.fullmatch(str(error["code"]))


@pytest.mark.parametrize(("known", "has"), [(["b", "c"], "It has b, c."), ([], "It has none.")])
def test_unknown_parameters_list_the_known_ones(known: list[str], has: str) -> None:
    """Who misspells a parameter of the control plane reads which there are."""
    violation = violations.unknown_parameter("a", known)

    assert violation.message == f"This operation has no such query parameter. {has}"
    assert (violation.as_error()["path"], violation.parameters) == ("a", {"known": known})


OPERATIONS = ["adminLoginCheck", "_memberPost", "memberAnalyticsGet"]


@pytest.mark.parametrize(
    ("violation", "advice"),
    [
        (violations.not_a_choice(PATH, "memberpost", OPERATIONS), " Did you mean _memberPost?"),
        (violations.not_a_choice(PATH, "adminLogin", OPERATIONS), " Did you mean adminLoginCheck?"),
        (violations.not_a_choice(PATH, 7, [1, 2]), " There are 1, 2."),
        (violations.not_a_choice(PATH, "x", ["rest"]), " There is rest alone."),
        (violations.not_a_choice(PATH, "x", []), " There is none."),
        (violations.not_a_choice(PATH, "-", [*range(11)]), " There are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …"),
        (violations.of_format("date-time")(PATH, "2026"), " Give it with its offset, such as 2026-01-15T10:30:00Z."),
        (violations.unexpected(("operation",), ["operationId", "status"]), " Did you mean operationId?"),
        (violations.unexpected(("pets",), ["records", "clock"]), " There are records, clock."),
        (violations.missing(PATH), ""),
    ],
)
def test_the_control_plane_says_what_would_be_right(violation: Violation, advice: str) -> None:
    """Advice stands behind the vendor's words, all else stays: the choice that was meant, or what there is, or an
    example."""
    assert violations.advised(violation) == violation._replace(message=violation.message + advice)


@pytest.mark.parametrize(
    ("violation", "message"),
    [
        (violations.missing(PATH), "This value is required, and missing."),
        (violations.of_pattern("^#$")(PATH, "a"), "This value is not valid. It has to match ^#$"),
        (violations.of_pattern("a" * 201)(PATH, "b"), "This value is not valid."),
        (violations.not_a_choice(PATH, 7, [1, 2]), "The value you selected is not a valid choice. There are 1, 2."),
        (
            violations.of_bound("minProperties", 1)(PATH, {}),
            "This value is not valid. The least number of properties is 1.",
        ),
    ],
)
def test_contracts_of_others_say_what_would_be_right(violation: Violation, message: str) -> None:
    """There the words needn't be the vendor's."""
    assert violations.plainly(violation).message == message
