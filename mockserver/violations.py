"""Violations of the contract as values, in the vendor's words.

The vendor answers a 400 with the errors of Symfony's validator: a message, the parameters in it, and a code that is the
UUID of the constraint (vendor-facts §1.3). Which constraint the vendor would name is an assumption (A35).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, cast

Path = tuple[str | int, ...]
MOST_CHOICES = 10  # that a sentence lists
LONGEST_PATTERN = 200  # characters of one that a sentence repeats
LONGEST_NAME = 100  # characters of a value that may have been meant as one of the choices


class Violation(NamedTuple):
    """One violation: the place, the rule and the message.

    `path` leads through the body (keys and indices) or names the parameter. `keyword` is the JSON Schema keyword that
    failed, or the name of a rule. `message` is a sentence for people; `code` names the kind of problem for programs.
    `location` says what `path` leads through: body, path, query or header. `known` are the names of properties that are
    there, where one isn't.
    """

    path: Path
    keyword: str
    message: str
    code: str
    parameters: dict[str, object] | None = None
    plural: int | None = None
    location: str = "body"
    known: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The message, with what its parameters say in detail."""
        detail = (self.parameters or {}).get("detail")
        return f"{self.message} {detail}" if detail else self.message

    def as_error(self) -> dict[str, object]:
        """The violation in the vendor's shape, an element of `errors`."""
        return {
            "message": self.message,
            "parameters": self.parameters or {},
            "plural": self.plural,
            "code": self.code,
            "path": dotted(self.path),
        }


Words = Callable[[Path, object], Violation]  # makes a violation from a path and the value there


def dotted(path: Path) -> str:
    """A path as text: `("a", "b", 0, "c")` becomes `a.b[0].c`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else "." + step
    return text.removeprefix(".")


def missing(path: Path) -> Violation:
    """A required value is absent."""
    return Violation(path, "required", "This value should not be blank.", "c1051bb4-d103-4f74-8988-acbcafc7fdc3")


def unexpected(path: Path, known: Iterable[str] = ()) -> Violation:
    """A property that the contract doesn't have, beside those that it has."""
    return Violation(path, "additionalProperties", "This field was not expected.", _UNEXPECTED, known=tuple(known))


def unknown_parameter(name: str, known: Sequence[str]) -> Violation:
    """A query parameter that an operation of the control plane doesn't have, which lists those that it has."""
    has = f"It has {', '.join(known)}." if known else "It has none."
    message = f"This operation has no such query parameter. {has}"
    return Violation((name,), "additionalProperties", message, _UNEXPECTED, {"known": list(known)})


def taken(path: Path) -> Violation:
    """A value that must be unique, and that another record has (assumption A34)."""
    return Violation(path, "unique", "This value is already used.", "23bd9dbf-6b9b-41cd-a99e-4844bcf3077f")


def reserved(path: Path, why: str) -> Violation:
    """A header that no subscription can set (assumption A70)."""
    return Violation(path, "reserved", f"This header can't be set: {why}.", _REGEX)


def wrong_type(path: Path, value: object, expected: Sequence[str]) -> Violation:
    """A value of a type other than the expected ones (JSON Schema names)."""
    return of_types(expected)(path, value)


def not_a_choice(path: Path, value: object, choices: Sequence[object]) -> Violation:
    """A value that isn't one of the choices."""
    return of_choices(choices)(path, value)


def otherwise_wrong(path: Path, keyword: str, detail: str) -> Violation:
    """A violation of a rule for which the vendor has no constraint."""
    return Violation(path, keyword, "This value is not valid.", _REGEX, {"detail": detail})


def breach(path: Path, keyword: str, message: str) -> Violation:
    """A violation with a message of our own, as in responses that break the contract."""
    return Violation(path, keyword, message, _REGEX)


# ---------------------------------------------------------------- more words than the vendor's
def advised(violation: Violation) -> Violation:
    """The violation with a message that says what would be right. That is for the control plane: the vendor's API
    keeps the vendor's words."""
    parameters = violation.parameters or {}
    if violation.code == _CHOICE:
        advice = _suggestion(parameters["value"], cast("list[object]", parameters["choices"]))
    elif violation.code == _FORMATS["date-time"][0]:
        advice = f"Give it with its offset, such as {_MOMENT}."
    elif violation.known:
        advice = _suggestion(violation.path[-1], violation.known)
    else:
        return violation
    return violation._replace(message=f"{violation.message} {advice}")


def plainly(violation: Violation) -> Violation:
    """The violation with a message that says what would be right, for contracts of others: whoever serves one hasn't
    to know the vendor's words."""
    if violation.keyword == "required":
        return violation._replace(message="This value is required, and missing.")
    if violation.keyword == "pattern" and "pattern" in (violation.parameters or {}):
        pattern = str((violation.parameters or {})["pattern"])
        advice = f" It has to match {pattern}" if len(pattern) <= LONGEST_PATTERN else ""
        return violation._replace(message=f"{violation.message}{advice}")
    told = advised(violation)
    return told._replace(message=told.words)


def _suggestion(value: object, choices: Sequence[object]) -> str:
    """What was probably meant, or else what there is."""
    from difflib import get_close_matches  # noqa: PLC0415 (a start needs it not)

    names = {str(choice).lower().lstrip("_"): str(choice) for choice in choices}
    meant = value.lower().lstrip("_") if isinstance(value, str) and len(value) <= LONGEST_NAME else ""
    alike = [names[name] for name in ([meant] if meant in names else get_close_matches(meant, names))]
    if alike:
        return f"Did you mean {' or '.join(alike)}?"
    if len(choices) <= 1:
        return f"There is {choices[0]} alone." if choices else "There is none."
    more = ", …" if len(choices) > MOST_CHOICES else "."
    return f"There are {', '.join(map(str, choices[:MOST_CHOICES]))}{more}"


# ---------------------------------------------------------------- the words for a rule, made once
def of_types(expected: Sequence[str]) -> Words:
    """Maker of `wrong_type` violations for these types."""
    kinds = " or ".join(kind for kind in expected if kind != "null")
    message, parameters = f"This value should be of type {kinds}.", dict[str, object](type=kinds)

    def words(path: Path, value: object) -> Violation:
        if value is None:
            return Violation(path, "type", "This value should not be null.", "ad32d13f-c3d4-423b-909a-857b961eb720")
        return Violation(path, "type", message, "ba785a8c-82cb-4283-967c-3cf342181b40", parameters)

    return words


def of_choices(choices: Sequence[object], keyword: str = "enum") -> Words:
    """Maker of `not_a_choice` violations for these choices, by the keyword that says them."""
    message, code, all_choices = "The value you selected is not a valid choice.", _CHOICE, list(choices)
    return lambda path, value: Violation(path, keyword, message, code, {"value": value, "choices": all_choices})


def of_format(name: str) -> Words:
    """Maker of violations for texts that don't have the named format."""
    code, message = _FORMATS.get(name, (_REGEX, f"This value is not a valid {name}."))
    return lambda path, value: Violation(path, "format", message, code, {"value": value})


def of_pattern(pattern: str) -> Words:
    """Maker of violations for texts that don't match the pattern; URLs have a message of their own
    (vendor-facts §1.3)."""
    if pattern.startswith("^https?://"):
        return of_format("uri")
    message, code = "This value is not valid.", _REGEX
    return lambda path, value: Violation(path, "pattern", message, code, {"value": value, "pattern": pattern})


def of_bound(keyword: str, limit: object) -> Words:
    """Maker of violations for numbers, lengths or counts beyond the limit of `keyword`."""
    if keyword not in _BOUNDS:
        detail = _OF_PROPERTIES.get(keyword, "The limit is {limit}.").format(limit=limit)
        return lambda path, _value: otherwise_wrong(path, keyword, detail)
    code, template = _BOUNDS[keyword]
    message, parameters = template.format(limit=limit), {"limit": limit}
    plural = limit if keyword in _COUNTED and isinstance(limit, int) else None
    if plural == 1:
        message = message.replace("elements", "element").replace("characters", "character")
    return lambda path, _value: Violation(path, keyword, message, code, parameters, plural)


_UNEXPECTED = "7703c766-b5d5-4cef-ace7-ae0dd82304e9"
_REGEX = "de1e3db3-5ed4-4941-aae4-59f3667cc3a3"
_MOMENT = "2026-01-15T10:30:00Z"
_CHOICE = "8e179f1b-97aa-4560-a02f-2a8b42e49df7"
_FORMATS = {
    "date": ("69819696-02ac-4a99-9ff0-14e127c4d1bc", "This value is not a valid date."),
    "date-time": ("1a9da513-2640-4f84-9b6a-4d99dcddc628", "This value is not a valid datetime."),
    "email": ("bd79c0ab-ddba-46cc-a703-a7a4b08de310", "This value is not a valid email address."),
    "uri": ("57c2f299-1154-4870-89bb-ef3b1f5ad229", "This value is not a valid URL."),
    "uuid": ("51120b12-a2bc-41bf-aa53-cd73daf330d0", "This is not a valid UUID."),
}
_BOUNDS = {
    "minimum": (
        "ea4e51d1-3342-48bd-87f1-9e672cd90cad",
        "This value should be greater than or equal to {limit}.",
    ),
    "maximum": ("30fbb013-d015-4232-8b3b-8f3be97a7e14", "This value should be less than or equal to {limit}."),
    "exclusiveMinimum": ("778b7ae0-84d3-481a-9dec-35fdb64b1d78", "This value should be greater than {limit}."),
    "exclusiveMaximum": ("079d7420-2d13-460c-8756-de810eeb37d2", "This value should be less than {limit}."),
    "multipleOf": ("6d99d6c3-1464-4ccf-bdc7-14d083cf455c", "This value should be a multiple of {limit}."),
    "minLength": (
        "9ff3fdc4-b214-49db-8718-39c315e33d45",
        "This value is too short. It should have {limit} characters or more.",
    ),
    "maxLength": (
        "d94b19cc-114f-4f44-9cc4-4138e80a87b9",
        "This value is too long. It should have {limit} characters or less.",
    ),
    "minItems": (
        "bef8e338-6ae5-4caf-b8e2-50e7b0579e69",
        "This collection should contain {limit} elements or more.",
    ),
    "maxItems": (
        "756b1212-697c-468d-a9ad-50dd783bb169",
        "This collection should contain {limit} elements or less.",
    ),
}
_OF_PROPERTIES = {
    "minProperties": "The least number of properties is {limit}.",
    "maxProperties": "The largest number of properties is {limit}.",
}
_COUNTED = {"minLength", "maxLength", "minItems", "maxItems"}
