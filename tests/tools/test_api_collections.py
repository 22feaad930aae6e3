"""tools.api_collections: `collections/` has what is made of the contract, and every request in it works."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.errors import ContractError
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from mockserver.world import World
from tests.support.repository import ROOT
from tools.api_collections import bruno, building, check, files, postman, runners
from tools.api_collections.model import Capture, Collection, QueryParameter, Request, Variable
from tools.api_collections.runners import Counts, Runner
from tools.api_collections.walk import walk

PLACE = re.compile(r"\{\{([^}]+)\}\}")
GOOD = Counts(16, 16, 0)
PLAIN = Request("Look", "Things", "", "GET", "/things", (), None, None)


@pytest.fixture(scope="module")
def collection(contract: Contract) -> Collection:
    """The collection of our contract."""
    return building.collection(contract)


@pytest.fixture(scope="module")
def generated(contract: Contract) -> dict[str, str]:
    """The files of our contract."""
    return files.generated(contract)


@dataclass
class _Player:
    """Sends the requests of a collection to a mock in this process, as its runners do: with variables."""

    client: TestClient
    variables: dict[str, str]

    def send(self, request: Request) -> int:
        """The status of the response; what later requests need is kept."""
        headers = {"Content-Type": "application/json"}
        for escape in request.escapes:
            self.variables[escape.escaped] = json.dumps(self.variables[escape.variable])[1:-1]
        if request.token:
            headers["Authorization"] = f"Bearer {self.variables[request.token]}"
        body = self._filled(request.body) if request.body else None
        answer = self.client.request(request.method, self._filled(request.path), content=body, headers=headers)
        for capture in request.captures:
            value: Any = answer.json()
            for step in capture.steps:
                value = value[step]
            self.variables[capture.variable] = value
        return answer.status_code

    def _filled(self, text: str) -> str:
        dynamic = {"$guid": "8aaaabcd-0f85-4a6b-9d7e-0c1d2e3f4a5b", "$timestamp": "1768473000"}
        return PLACE.sub(lambda found: (dynamic | self.variables)[found[1]], text)


def test_committed_files_are_those_of_the_contract(generated: Mapping[str, str]) -> None:
    """collections/ is what `make collections` makes of openapi.yaml, byte by byte, and nothing else."""
    assert files.read(ROOT / "collections") == generated, "make collections"


def test_what_is_written_is_all_that_is_there(tmp_path: Path) -> None:
    """A file of an earlier version doesn't stay."""
    files.write(tmp_path / "made", {"postman.json": "{}\n", "bruno/old.bru": "meta {\n}\n"})
    files.write(tmp_path / "made", {"bruno/new.bru": "ä\n"})

    assert files.read(tmp_path / "made") == {"bruno/new.bru": "ä\n"}


def test_every_request_succeeds_in_order(collection: Collection, client: TestClient) -> None:
    """Played from the first to the last, with nothing but the variables' values, every request is answered with 2xx."""
    player = _Player(client, {variable.name: variable.value for variable in collection.variables})

    statuses = {request.name: player.send(request) for request in collection.requests}

    assert {name: status for name, status in statuses.items() if status not in range(200, 300)} == {}
    assert len(statuses) == len(collection.requests)


def test_a_password_may_have_any_characters(collection: Collection, world: World) -> None:
    """Quotes and backslashes of a name or password don't break the body of a login."""
    odd = 'a "quoted" \\ one'
    world = World.build(replace(world.settings, admin_password=odd), world.contract, world.clock)
    values = {variable.name: variable.value for variable in collection.variables}

    with TestClient(create_app(world)) as client:
        assert _Player(client, values | {"password": odd}).send(collection.requests[0]) == 200


def test_every_operation_is_there(contract: Contract) -> None:
    """The walk calls each operation of the contract."""
    assert {step.call.id for step in walk(Surface(contract))} == set(contract.operation_ids)


def test_walk_begins_with_logins_and_ends_sessions_last(contract: Contract) -> None:
    """Who logs in comes first; tokens are renewed near the end; what ends all sessions comes last."""
    surface = Surface(contract)
    ids = [step.call.id for step in walk(surface)]
    renewals = [surface.refresh_of(login) for login in surface.logins]
    (end,) = (call for call in surface.calls.values() if call.account_wide)

    assert ids[: len(renewals)] == [login.id for login in surface.logins]
    assert ids[-1 - len(renewals) :] == [*(call.id for call in renewals if call), end.id]


def test_a_record_is_created_used_and_deleted(contract: Contract) -> None:
    """A kind of record is walked along from its creation to its end."""
    (resource,) = Surface(contract).resources
    ids = list(dict.fromkeys(step.call.id for step in walk(Surface(contract))))
    start = ids.index(resource.create.id)
    life = [resource.create, resource.read, resource.list, resource.update, *resource.others, resource.delete]

    assert ids[start : start + len(life)] == [call.id for call in life if call]


def test_bodies_of_links_are_sent(contract: Contract) -> None:
    """Each body that a link of the contract hands on has a request, which holds variables in place of expressions."""
    surface = Surface(contract)
    handed_on = [link.body for link in surface.links if link.body is not None]
    sent = [step.link.body for step in walk(surface) if step.link]
    bodies = [request.body or "" for request in building.collection(contract).requests]

    assert [body for body in handed_on if body not in sent] == []
    assert not any("$response" in body for body in bodies)


def test_no_optional_parameter_is_sent(generated: Mapping[str, str]) -> None:
    """The filters of a list are there, and switched off, in both formats."""
    items = [item for folder in json.loads(generated["postman.json"])["item"] for item in folder["item"]]
    filters = [entry for item in items for entry in item["request"]["url"].get("query", ())]
    blocks = re.findall(r"^params:query \{\n(.*?)^\}", "\n".join(generated.values()), re.MULTILINE | re.DOTALL)

    assert len(filters) > 20
    assert all(entry["disabled"] and entry["description"] for entry in filters)
    assert [line[:3] for block in blocks for line in block.splitlines()] == ["  ~"] * len(filters)


def test_addresses_lead_nowhere(collection: Collection) -> None:
    """Whoever runs it unchanged has events sent to no host that exists; one variable leads them elsewhere."""
    bodies = [request.body for request in collection.requests if request.body]
    (receiver,) = (variable for variable in collection.variables if variable.name == "receiverUrl")

    assert receiver.value.endswith(".invalid")
    assert [body for body in bodies if "://" in body] == []
    assert any('"{{receiverUrl}}/' in body for body in bodies)


def test_what_can_be_sent_once_is_new_each_time(collection: Collection) -> None:
    """A member's address and a receipt's number differ from run to run; ids of the run's own records stay."""
    bodies = "\n".join(request.body or "" for request in collection.requests)

    assert re.search(r'"email": "[\w.]+\+\{\{\$guid\}\}@', bodies)
    assert re.search(r'"documentNumber": ".+-\{\{\$guid\}\}"', bodies)
    assert '"customerId": "{{customerId}}"' in bodies


def test_secrets_of_an_instance_are_in_no_file(generated: Mapping[str, str]) -> None:
    """The mock's environment logs in as it is; for an instance, only the names of the passwords are there."""
    mock, instance = (generated[f"bruno/environments/{name}.bru"] for name in ("mock", "instance"))

    assert "  password: password\n" in mock
    assert instance.endswith("vars:secret [\n  password,\n  memberPassword\n]\n")
    assert "127.0.0.1" not in instance


def test_a_required_parameter_is_sent() -> None:
    """A query that an operation needs is switched on, and part of the URL."""
    request = replace(PLAIN, query=(QueryParameter("of", "1", "", enabled=True),))
    made = Collection("Things", "", "", (Variable("baseUrl", "http://mock"),), (request,))

    (item,) = json.loads(postman.text(made, "baseUrl"))["item"][0]["item"]
    text = bruno.files(made, "baseUrl")["01-things/01-look.bru"]

    assert item["request"]["url"]["raw"] == "{{baseUrl}}/things?of=1"
    assert "url: {{baseUrl}}/things?of=1\n" in text
    assert "params:query {\n  of: 1\n}" in text


def test_odd_names_can_be_read() -> None:
    """A parameter that Bruno couldn't read as it is stands in quotes; a property that isn't a name, in brackets."""
    request = replace(PLAIN, query=(QueryParameter('a "b":c', "", "", enabled=False),))
    made = Collection("Things", "", "", (), (request,))

    assert '  ~"a \\"b\\":c":\n' in bruno.files(made, "baseUrl")["01-things/01-look.bru"]
    assert Capture("x", ("items", "0", "id")).expression("body") == "body.items['0'].id"


def test_body_without_an_example_is_told(contract: Contract) -> None:
    """A request that nothing can be sent for has a clear error, which names the operation."""
    document = json.loads(json.dumps(contract.document))
    media = document["paths"]["/api/{storeCode}/member"]["post"]["requestBody"]["content"]["application/json"]
    del media["examples"]

    with pytest.raises(ContractError, match="_memberPost: its request body has no example"):
        building.collection(Contract(b"", document))


@pytest.mark.parametrize(
    ("answers", "counts", "told"),
    [
        ([("a", 200), ("b", 204)], Counts(2, 2, 0), []),
        ([("a", 200), ("b", 404)], Counts(2, 2, 0), ["b was answered with 404"]),
        ([("b", 200), ("a", 200)], Counts(2, 2, 0), ["called were b, a; expected a, b"]),
        ([("a", 200), ("b", 200)], Counts(2, 1, 0), ["2 requests and 1 tests are reported, not 2 of both"]),
        ([("a", 200), ("b", 200)], Counts(2, 2, 1), ["1 failures are reported"]),
    ],
)
def test_runs_are_judged(answers: list[check.Answer], counts: Counts, told: list[str]) -> None:
    """A run is good if each operation was called in order and answered with 2xx, and each has a test that passed."""
    assert check.problems(["a", "b"], answers, counts) == told


def test_check_without_runners_is_skipped_visibly(capsys: pytest.CaptureFixture[str]) -> None:
    """Where they can't be installed, the reason is told, and it is no failure."""
    assert check.main(lambda: "npm is needed") == 0

    assert capsys.readouterr().out == "collections-check: SKIPPED, nothing was run: npm is needed\n"


def test_runner_that_sends_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """A runner that claims success without a request to the mock is found out."""

    def idle(_runner: Runner, _folder: Path, _base: str) -> tuple[Counts, str]:
        return GOOD, "what it said"

    assert check.main(lambda: None, idle) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("newman: 16 requests, 16 tests, 1 problems, ")
    assert lines[1].startswith("  called were no operations; expected adminLoginCheck, ")
    assert lines[2] == "what it said"


def test_reports_of_runners_are_read() -> None:
    """Requests, tests and failures are counted in the reports of both runners."""
    stats = {"requests": {"total": 16}, "assertions": {"total": 16}}
    summary = {"totalRequests": 16, "totalTests": 16, "failedRequests": 1, "errorRequests": 0, "skippedRequests": 0}

    assert runners.newman_counts({"run": {"stats": stats, "failures": [{}, {}]}}) == Counts(16, 16, 2)
    assert runners.bru_counts([{"summary": summary | {"failedTests": 1}}]) == Counts(16, 16, 2)
