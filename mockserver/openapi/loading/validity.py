"""The validity of a bundled document, by openapi-spec-validator: first of its form, then of its sense."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver.openapi.dialects import Dialect
from mockserver.openapi.loading.bundling import Bundler
from mockserver.openapi.loading.places import Place
from mockserver.openapi.loading.repair import unusable
from mockserver.openapi.structure import EVENTS, Steps, readable

MAX_MESSAGE = 200  # characters of a problem


class Problem(NamedTuple):
    """A violation of the OpenAPI specification in a document."""

    place: Place
    message: str
    is_of_form: bool

    @property
    def short(self) -> str:
        """The message, shortened to its beginning (the value) and its end (what is wrong with it)."""
        half = MAX_MESSAGE // 2
        return self.message if len(self.message) <= MAX_MESSAGE else f"{self.message[:half]} … {self.message[-half:]}"

    def __str__(self) -> str:
        return f"{self.place.line}: {readable(self.place.steps)}: {self.short}"


def problems(bundler: Bundler, content: dict[str, Any], dialect: Dialect) -> Iterator[Problem]:
    """The problems of a bundled document: those of its form, or if there are none, those of its sense."""
    found = False
    for problem in _of_schemas(bundler, dialect):
        found = True
        yield problem
    for path, message in _of_form(content, dialect):
        found = True
        yield Problem(bundler.place(path), message, is_of_form=True)
    if not found:
        for place, message in _of_sense(bundler, content, dialect):
            yield Problem(place, message, is_of_form=False)


def _of_schemas(bundler: Bundler, dialect: Dialect) -> Iterator[Problem]:
    """The keywords that no schema of JSON Schema 2020-12 may hold, which the schema of OpenAPI 3.1 says nothing of."""
    for place in bundler.schemas if dialect.has_json_schema else ():
        for keyword in unusable(place.node, dialect, lambda _pattern: True):
            value = place.node[keyword]
            where = Place(place.source, (*place.steps, keyword), value)
            yield Problem(where, f"{value!r} can't stand there", is_of_form=True)


def _of_form(content: dict[str, Any], dialect: Dialect) -> Iterator[tuple[Steps, str]]:
    """The violations of the schema of OpenAPI, each with the steps to it. Events in an extension are validated as
    paths."""
    from openapi_spec_validator import schemas  # slow to import

    events = content.get(EVENTS)
    shown = {f"/{EVENTS}/{name}": item for name, item in events.items()} if isinstance(events, dict) else {}
    lenient = {"regex": lambda _: True}  # ECMAScript allows more than Rust; compiling the pattern finds what is wrong
    validator = jsonschema_rs.validator_for(dict(getattr(schemas, dialect.form)), formats=lenient)
    for error in validator.iter_errors({**content, "paths": {**content["paths"], **shown}}):
        closest = _closest(error)
        extra = closest.kind.unexpected[:1] if isinstance(closest.kind, Kind.AdditionalProperties) else ()
        way: Steps = (*closest.instance_path, *extra)
        is_event = len(way) > 1 and way[1] in shown
        yield ((EVENTS, str(way[1]).removeprefix(f"/{EVENTS}/"), *way[2:]) if is_event else way), closest.message


def _closest(error: ValidationError) -> ValidationError:
    """The error of the alternative that came closest; that of a reference only where there is one."""
    while isinstance(error.kind, Kind.OneOfNotValid | Kind.AnyOf):
        branches = [branch for branch in error.kind.context if branch and not _misses_reference(branch)]
        if not branches:
            break
        error = max(branches, key=lambda branch: (len(branch[0].instance_path), -len(branch)))[0]
    return error


def _misses_reference(branch: list[ValidationError]) -> bool:
    return any(isinstance(error.kind, Kind.Required) and error.kind.property == "$ref" for error in branch)


def _of_sense(bundler: Bundler, content: dict[str, Any], dialect: Dialect) -> Iterator[tuple[Place, str]]:
    """The violations that a schema can't express: in parameters of paths, operationIds and defaults."""
    import openapi_spec_validator  # slow to import
    from jsonschema_path import SchemaPath  # slow to import

    document = SchemaPath.from_dict(content, handlers={})  # without handlers it fetches nothing
    validator = getattr(openapi_spec_validator, dialect.sense)(document)
    try:
        for error in validator.root_validator(validator.schema_path):
            yield _sense_place(bundler, content, error), error.message
    except RecursionError:  # of the validator: it may follow recursive schemas endlessly
        return
    except Exception as error:  # noqa: BLE001 (anything: it relies on a form that the document may not have)
        why = f"something is not what it should be ({error!r}). Does a reference lead to another kind of object?"
        yield bundler.place(()), why


def _sense_place(bundler: Bundler, content: dict[str, Any], error: Any) -> Place:
    """The place of a violation of sense: the path of the error itself begins at the schema, or is empty."""
    schema = bundler.home(error.schema)  # the error is about its default
    if schema is not None:
        return schema._replace(steps=(*schema.steps, "default"))
    way = _way_to(content, error.instance) if isinstance(error.instance, dict | list) else None
    return bundler.place(_named(content, error.message) if way is None else way)


def _way_to(content: Any, wanted: Any) -> Steps | None:
    """The steps to an object or a list, found by identity."""
    waiting: list[tuple[Any, Steps]] = [(content, ())]
    while waiting:
        node, way = waiting.pop()
        if node is wanted:
            return way
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting.extend((value, (*way, key)) for key, value in children)
    return None


def _named(content: dict[str, Any], message: str) -> Steps:
    """The steps to the operation that a message names in quotes, like '/pets' and 'get'."""
    words = re.findall(r"'([^']+)'", message)
    path = next((word for word in words if word in content["paths"]), None)
    method = next((word for word in words if path and word in content["paths"][path]), None)
    return ("paths", *filter(None, (path, method)))
