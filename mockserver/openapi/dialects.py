"""The dialects of OpenAPI: all that depends on the version that a document names.

OpenAPI 3.0 has a dialect of JSON Schema of its own, which is translated to Draft 4. Since 3.1 a schema is JSON Schema
2020-12: a boolean is one, `$ref` has siblings, and `$id`, `$anchor` and `$dynamicRef` count.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

SWAGGER = "Convert it: npx swagger2openapi {} --outfile openapi.json"
_OTHERWISE = "Write it as OpenAPI 3.0, 3.1 or 3.2"
_SHORT = "Write the full version, in quotes: '{}'"
_JSON_SCHEMA = ("https://spec.openapis.org/oas/3.", "https://json-schema.org/draft/2020-12/")


class Dialect(NamedTuple):
    """The rules of a version of OpenAPI, which is `version` and anything behind it.

    `events` is the key of the events of a document. `has_json_schema`: its schemas are JSON Schema 2020-12, and a
    document needs no `paths`. `form` and `sense` name the schema and the validator of openapi-spec-validator.
    """

    name: str
    full_version: str
    version: str
    events: str
    validator: Callable[..., jsonschema_rs.Validator]
    draft: int
    form: str
    sense: str
    has_json_schema: bool = True

    def has(self, version: Any) -> bool:
        """Whether a text is a version of this dialect, such as 3.0.3 or 3.0.0-rc1."""
        if not isinstance(version, str) or not version.startswith(self.version):
            return False
        patch, dash, more = version.removeprefix(self.version).partition("-")
        return patch.isdecimal() and bool(more) is bool(dash)


OPENAPI_30 = Dialect(
    name="OpenAPI 3.0",
    full_version="3.0.3",
    version="3.0.",
    events="x-webhooks",
    validator=jsonschema_rs.Draft4Validator,
    draft=jsonschema_rs.Draft4,
    form="schema_v30",
    sense="OpenAPIV30SpecValidator",
    has_json_schema=False,
)
OPENAPI_31 = Dialect(
    name="OpenAPI 3.1",
    full_version="3.1.1",
    version="3.1.",
    events="webhooks",
    validator=jsonschema_rs.Draft202012Validator,
    draft=jsonschema_rs.Draft202012,
    form="schema_v31",
    sense="OpenAPIV31SpecValidator",
)
OPENAPI_32 = Dialect(
    name="OpenAPI 3.2",
    full_version="3.2.0",
    version="3.2.",
    events="webhooks",
    validator=jsonschema_rs.Draft202012Validator,
    draft=jsonschema_rs.Draft202012,
    form="schema_v32",
    sense="OpenAPIV32SpecValidator",
)
DIALECTS = (OPENAPI_30, OPENAPI_31, OPENAPI_32)


def dialect_of(document: Mapping[str, Any]) -> Dialect:
    """The dialect of a document: that of the version it names, or OpenAPI 3.0, as a part of a document has none."""
    return next((dialect for dialect in DIALECTS if dialect.has(document.get("openapi"))), OPENAPI_30)


def is_known(version: Any) -> bool:
    """Whether there is a dialect for a version."""
    return any(dialect.has(version) for dialect in DIALECTS)


def is_known_vocabulary(uri: Any) -> bool:
    """Whether schemas that `jsonSchemaDialect` names are JSON Schema 2020-12, with OpenAPI's words or without."""
    return isinstance(uri, str) and uri.startswith(_JSON_SCHEMA)


def advice_for(key: str, version: Any) -> str:
    """What to do with a document of another version, which stands under `openapi` or `swagger`; `{}` is its name."""
    if key == "swagger":
        return SWAGGER
    family = f"OpenAPI {version}"[:11]
    return next((_SHORT.format(each.full_version) for each in DIALECTS if each.name == family), _OTHERWISE)
