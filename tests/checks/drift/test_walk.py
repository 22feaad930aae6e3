"""The walk asks each operation with what its contract shows, be it by examples, by schemas or by links."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.drift import run as judge
from mockserver.checks.drift.options import DriftOptions, usual_credentials
from mockserver.checks.findings.report import Report
from mockserver.checks.live.planning.options import Options
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from tests.checks.instance import Instance

pytestmark = pytest.mark.whole_runs

UUID = 36  # characters of one
UNTOLD = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    post:
      tags: [Webhook subscription]
      operationId: addPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewPet'}}}}
      responses:
        '201':
          description: Made
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
          links: {}
        '422': {description: Refused}
  /pets/{pet_id}:
    parameters: [{name: pet_id, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      tags: [Webhook subscription]
      operationId: readPet
      responses:
        '200': {description: A pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '404': {description: None}
    delete:
      tags: [Webhook subscription]
      operationId: deletePet
      responses: {'204': {description: Gone}, '404': {description: None}}
components:
  schemas:
    NewPet:
      type: object
      required: [name]
      properties: {name: {type: string, pattern: '^R[0-9]{3}-x+$'}, size: {type: integer}}
    Pet:
      type: object
      required: [id, name]
      properties: {id: {type: string, format: uuid}, name: {type: string}, size: {type: integer}}
"""
LINKED = (
    UNTOLD.replace("pattern: '^R[0-9]{3}-x+$'", "maxLength: 40")
    .replace("    delete:", "    x-delete:")
    .replace(
        "links: {}",
        """links:
            lost: {operationId: readPet, parameters: {pet_id: $response.body#/nowhere}}
            read: {operationId: readPet, parameters: {pet_id: $response.body#/id}}""",
    )
)


def walked(folder: Path, contract: str, *, is_ours: bool = False) -> tuple[Report, set[str]]:
    """The report of a run by a contract on one mock, which stands for both sides, and the last steps of all paths."""
    path = folder / "contract.yaml"
    path.write_text(contract, "utf-8")
    settings = Settings(seed=1, log_level="error", spec=None if is_ours else str(path), cache_dir="")
    with Instance(settings=settings) as side:
        chosen: dict[str, Any] = {"seed": 1, "max_examples": 1, "report_dir": str(folder), "spec": str(path)}
        chosen |= {"tag": ("Webhook subscription",), "allow_residue": ("subscription",) if is_ours else ("pets",)}
        options = DriftOptions.of(Options(side.url, usual_credentials(), **chosen), side.url, usual_credentials())
        report = judge.check(judge.plan(options), options).report
        return report, {where.rpartition("/")[2] for _, where in side.log}


def without_examples() -> str:
    """Our contract as a framework writes it: no request has an example. The contract that others share stays."""
    document = json.loads(json.dumps(Contract.load(None).document))
    for body in list(_request_bodies(document)):
        for declared in body.get("content", {}).values():
            declared.pop("examples", None)
    return json.dumps(document)


def _request_bodies(node: Any) -> Iterator[dict[str, Any]]:
    for name, value in node.items() if isinstance(node, dict) else ():
        if name == "requestBody":
            yield value
        yield from value.values() if name == "requestBodies" else _request_bodies(value)


def test_bodies_come_from_schemas(tmp_path: Path) -> None:
    """Where there are no examples, records are made of what the schema shows, and all is asked on them. One instance
    is like itself: each side has records of its own there."""
    report, _ = walked(tmp_path, without_examples(), is_ours=True)

    assert (report.not_judged, report.gate, report.findings) == ([], {"operations": "6/6"}, [])


def test_what_was_asked_on_nothing_is_not_judged(tmp_path: Path) -> None:
    """An operation that was only asked on records that nobody has is told, and the run doesn't pass."""
    report, _ = walked(tmp_path, UNTOLD)

    assert report.gate == {"operations": "1/3"}
    assert report.not_judged == ["never asked on both sides, or only on what is not there: readPet, deletePet"]


def test_links_are_followed_as_they_are_declared(tmp_path: Path) -> None:
    """What an answer has is handed on; a link to what the answer doesn't have is left out."""
    report, asked = walked(tmp_path, LINKED)

    assert (report.not_judged, report.gate) == ([], {"operations": "1/1"})
    assert {len(step) for step in asked} >= {len("pets"), UUID}
    assert [step for step in asked if "response" in step] == []
