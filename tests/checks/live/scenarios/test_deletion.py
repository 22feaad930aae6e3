"""mockserver.checks.live.scenarios.deletion: what a run can't ask rightly says nothing about a deleted record."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.contract import Contract
from tests.checks.conftest import Judged
from tests.mutants.exchange import Answer, Request, Send

PUT, ITEM = "_webhookSubscriptionPut", "/api/{storeCode}/webhook/subscription/{webhookSubscription}"
FORM = {"multipart/form-data": {"schema": {"type": "object", "required": ["file"]}}}


def _with_body(contract: Contract, folder: Path, content: Any) -> str:
    """A contract like ours, but that updating needs this body."""
    document = copy.deepcopy(contract.document)
    document["paths"][ITEM]["put"]["requestBody"] = {"required": True, "content": content}
    path = folder / "other.json"
    path.write_text(json.dumps(document), "utf-8")
    return str(path)


async def _validating(request: Request, send: Send) -> Answer:
    """A server that looks at the body first."""
    answer = await send(request)
    return Answer.of(400, answer.json) if request.operation == PUT and answer.status == 404 else answer


@pytest.mark.parametrize(("is_json", "found"), [(True, {PUT}), (False, set())])
def test_a_body_that_cannot_be_made_is_not_asked_for(
    is_json: bool,  # noqa: FBT001
    found: set[str],
    judged: Judged,
    contract: Contract,
    tmp_path: Path,
) -> None:
    """A 400 for an operation that needs a form isn't an answer for a record that is there; `--plan` says so."""
    shown = contract.document["paths"][ITEM]["put"]["requestBody"]["content"]
    spec = _with_body(contract, tmp_path, shown if is_json else FORM)

    report = judged(_validating, "subscription: deleted", spec=spec)

    assert {one.operation for one in report.findings if one.check == "delete_deletes"} == found
