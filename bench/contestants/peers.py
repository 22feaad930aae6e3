"""The peers from npm: installed into bench/.cache, and given the contract in the form that each of them reads."""

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.contestants.floor import CREATED, EVENTS
from bench.shared import mockoon as parts
from bench.shared.cache import CACHE, written
from bench.shared.work import EVENTS as EVENTS_PATH
from bench.shared.work import SUBSCRIPTIONS, Credentials
from mockserver.openapi.contract import Contract
from mockserver.openapi.structure import METHODS

SCRIPTS = Path(__file__).parent / "npm"
NODE = CACHE / "node"
MODULES = NODE / "node_modules"
PRISM = "@stoplight/prism-cli"
POSTED = "WebhookSubscriptionPostRequest"
REFUSED = {"code": 400, "message": "Validation failed", "errors": []}
UNAUTHORIZED = {"code": 401, "message": "JWT Token not found"}
OPENAPI_WORDS = {"discriminator", "example", "nullable", "readOnly", "writeOnly"}
FORMATS = {"date", "date-time", "email", "uri", "uuid"}
NAMED = ("properties", "definitions")  # what they hold goes by names, not by words
JSON_HEADERS = {"Content-Type": "application/json"}


def install() -> str | None:
    """Install what package.json names, once. The reason if that can't be done, else None."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "node and npm not found"
    wanted = (SCRIPTS / "package.json").read_bytes()
    stamp = NODE / "installed.json"
    NODE.mkdir(parents=True, exist_ok=True)
    for script in SCRIPTS.iterdir():  # beside node_modules, where Node.js looks for what they import
        shutil.copy(script, NODE)
    if not stamp.exists() or stamp.read_bytes() != wanted:
        command = [
            "npm",
            "install",
            "--ignore-scripts",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"npm install failed: {done.stderr.strip()[:200]}"
        stamp.write_bytes(wanted)
    return None


def prism() -> Path | None:
    """Prism's program; None if it can't be had."""
    return None if install() else MODULES / ".bin" / "prism"


def version(package: str) -> str:
    """The installed version of an npm package."""
    manifest = MODULES / package / "package.json"
    return str(json.loads(manifest.read_text("utf-8"))["version"]) if manifest.exists() else "not installed"


def contract() -> Path:
    """The contract as JSON without what no server needs: callbacks, x-webhooks, and the links, of which
    openapi-backend's own check refuses some."""
    document = copy.deepcopy(Contract.load().document)
    document.pop("x-webhooks", None)
    operations = [item[method] for item in document["paths"].values() for method in METHODS if method in item]
    for operation in operations:
        operation.pop("callbacks", None)
        for answer in operation["responses"].values():
            answer.pop("links", None)
    return written("contract.json", document)


def mockoon(credentials: Credentials) -> Path:
    """A Mockoon environment for GET and POST: rules for the token, and for the body by the schema in a data bucket."""
    signed = {
        "target": "header",
        "modifier": "Authorization",
        "value": f"Bearer {credentials.token}",
        "operator": "equals",
    }
    valid = {"target": "body", "modifier": "", "value": "schema", "operator": "valid_json_schema"}
    refused = _mockoon_answer(7, 401, UNAUTHORIZED, [])
    posted = [_mockoon_answer(4, 200, CREATED, [signed, valid]), _mockoon_answer(5, 400, REFUSED, [signed])]
    routes = [
        parts.route(1, "http", "get", EVENTS_PATH, [_mockoon_answer(3, 200, EVENTS, [signed]), refused]),
        parts.route(2, "http", "post", SUBSCRIPTIONS, [*posted, refused | {"uuid": parts.uuid(8)}]),
    ]
    bucket = parts.bucket(9, "schema", json.dumps(_posted_schema()))
    return written("mockoon.json", parts.environment(10, "bench", routes, bucket))


def wiremock(credentials: Credentials) -> Path:
    """A WireMock root with stubs for GET and POST: the token must be equal, the body is judged by its schema."""
    signed = {"headers": {"Authorization": {"equalTo": f"Bearer {credentials.token}"}}}
    get, post = {"method": "GET", "urlPath": EVENTS_PATH}, {"method": "POST", "urlPath": SUBSCRIPTIONS}
    valid = {"bodyPatterns": [{"matchesJsonSchema": json.dumps(_posted_schema()), "schemaVersion": "V7"}]}
    mappings = [
        _stub(1, get | signed, 200, EVENTS),
        _stub(1, post | signed | valid, 200, CREATED),
        _stub(2, post | signed, 400, REFUSED),
        _stub(3, get, 401, UNAUTHORIZED),
        _stub(3, post, 401, UNAUTHORIZED),
    ]
    return written("wiremock/mappings/bench.json", {"mappings": mappings}).parent.parent


def wiremock_jar() -> Path | None:
    """The jar in the npm package."""
    return next((MODULES / "wiremock" / "build").glob("*.jar"), None)


def _stub(priority: int, request: dict[str, Any], status: int, content: Any) -> dict[str, Any]:
    answer = {"status": status, "body": json.dumps(content), "headers": JSON_HEADERS}
    return {"priority": priority, "request": request, "response": answer}


def _mockoon_answer(number: int, status: int, content: Any, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return parts.answer(
        number,
        body=json.dumps(content),
        statusCode=status,
        headers=[{"key": name, "value": value} for name, value in JSON_HEADERS.items()],
        rules=[{"invert": False, **rule} for rule in rules],
        default=not rules,
    )


def _posted_schema() -> dict[str, Any]:
    """The JSON Schema of a new subscription: with the schemas that it refers to, without what is OpenAPI's."""
    schemas = Contract.load().document["components"]["schemas"]
    needed, found = [POSTED], set()
    while needed:
        name = needed.pop()
        found.add(name)
        needed += set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schemas[name]))) - found
    text = json.dumps({name: schemas[name] for name in found})
    definitions = json.loads(text.replace("#/components/schemas/", "#/definitions/"))
    return {"$ref": f"#/definitions/{POSTED}", **_plain({"definitions": definitions})}


def _plain(schema: Any) -> Any:
    """A schema without the words of OpenAPI that a strict JSON Schema validator refuses."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {word: value for word, value in schema.items() if word not in OPENAPI_WORDS and not word.startswith("x-")}
    if kept.get("format") not in FORMATS:
        kept.pop("format", None)
    return {
        word: {name: _plain(each) for name, each in value.items()} if word in NAMED else _plain(value)
        for word, value in kept.items()
    }
