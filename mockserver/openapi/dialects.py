"""The dialects of OpenAPI: all that depends on the version that a document names.

OpenAPI 3.0 has a dialect of JSON Schema of its own, which is translated to Draft 4. Since 3.1 a schema is JSON Schema
2020-12: a boolean is one, `$ref` has siblings, and `$id`, `$anchor` and `$dynamicRef` count.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

SWAGGER = "Convert it: npx swagger2openapi {} --outfile openapi.json"
_OTHERWISE = "Write it as OpenAPI 3.0, 3.1 or 3.2"
_SHORT = "Write the full version, in quotes: '{}'"
BASES = re.compile(r"https://spec\.openapis\.org/oas/3\.[12]/(dialect|schema)/|https://json-schema\.org/draft/2020-12/")


@dataclass(frozen=True)
class Dialect:
    """The rules of some versions of OpenAPI.

    `events` is the key of the events of a document. `has_json_schema`: its schemas are JSON Schema 2020-12, and a
    document needs no `paths`. `form` and `sense` name the schema and the validator of openapi-spec-validator.
    """

    name: str
    full_version: str
    versions: re.Pattern[str]
    events: str
    validator: Callable[..., jsonschema_rs.Validator]
    draft: int
    form: str
    sense: str
    has_json_schema: bool = True


OPENAPI_30 = Dialect(
    name="OpenAPI 3.0",
    full_version="3.0.3",
    versions=re.compile(r"3\.0\.\d+(-.+)?"),
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
    versions=re.compile(r"3\.1\.\d+(-.+)?"),
    events="webhooks",
    validator=jsonschema_rs.Draft202012Validator,
    draft=jsonschema_rs.Draft202012,
    form="schema_v31",
    sense="OpenAPIV31SpecValidator",
)
OPENAPI_32 = Dialect(
    name="OpenAPI 3.2",
    full_version="3.2.0",
    versions=re.compile(r"3\.2\.\d+(-.+)?"),
    events="webhooks",
    validator=jsonschema_rs.Draft202012Validator,
    draft=jsonschema_rs.Draft202012,
    form="schema_v32",
    sense="OpenAPIV32SpecValidator",
)
DIALECTS = (OPENAPI_30, OPENAPI_31, OPENAPI_32)


def dialect_of(document: Mapping[str, Any]) -> Dialect:
    """The dialect of a document: that of the version it names, or OpenAPI 3.0, as a part of a document has none."""
    version = document.get("openapi")
    if isinstance(version, str):
        return next((dialect for dialect in DIALECTS if dialect.versions.fullmatch(version)), OPENAPI_30)
    return OPENAPI_30


def is_known(version: Any) -> bool:
    """Whether there is a dialect for a version."""
    return isinstance(version, str) and any(dialect.versions.fullmatch(version) for dialect in DIALECTS)


def advice_for(key: str, version: Any) -> str:
    """What to do with a document of another version, which stands under `openapi` or `swagger`; `{}` is its name."""
    if key == "swagger":
        return SWAGGER
    family = f"OpenAPI {version}"[:11]
    return next((_SHORT.format(each.full_version) for each in DIALECTS if each.name == family), _OTHERWISE)
