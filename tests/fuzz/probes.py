"""Requests for the statuses that generated data doesn't reach: they need a second identity, another store, an oversized
body, a wrong method, or a rate limit. Each answer is judged by Schemathesis like any other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation, BaseSchema

from mockserver.http.messages import MAX_BODY
from mockserver.settings import Settings
from mockserver.testing import MockServer

Operation = APIOperation[Any, Any, Any, Any]
CREDENTIALS = {"username": "admin", "password": "password", "refresh_token": "unknown"}
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class ProbedOperation:
    """An operation on a running mock, with the tokens that may be needed."""

    http: httpx2.Client
    operation: Operation
    admin: str
    member: str

    def send(
        self, *, method: str | None = None, store: str = "DEFAULT", token: str | None = None, **request: Any
    ) -> httpx2.Response:
        """A request to the operation; as the admin unless another token is given."""
        path = self.operation.full_path.format(storeCode=store, webhookSubscription=UNKNOWN_ID)
        headers = {"Authorization": f"Bearer {token or self.admin}"} | request.pop("headers", {})
        return self.http.request(method or self.operation.method.upper(), path, headers=headers, **request)


def _as_member(probed: ProbedOperation) -> httpx2.Response:
    return probed.send(token=probed.member)


def _other_store(probed: ProbedOperation) -> httpx2.Response:
    return probed.send(store="NOWHERE", json={})


def _wrong_method(probed: ProbedOperation) -> httpx2.Response:
    return probed.send(method="PATCH")


def _oversized(probed: ProbedOperation) -> httpx2.Response:
    body = b"{" + b" " * MAX_BODY + b"}"
    return probed.send(content=body, headers={"Content-Type": "application/json"})


def _not_json(probed: ProbedOperation) -> httpx2.Response:
    return probed.send(content=b"username=admin", headers={"Content-Type": "application/x-www-form-urlencoded"})


def _too_often(probed: ProbedOperation) -> httpx2.Response:
    """Log in beyond the limit of the mock, or rotate a key twice."""
    if "rotate" not in probed.operation.full_path:
        return probed.send(json=CREDENTIALS)
    return _rotated(probed, times=2, signed=True)


def _without_a_key(probed: ProbedOperation) -> httpx2.Response:
    """Rotate the key of a subscription that has none."""
    return _rotated(probed, times=1, signed=False)


def _rotated(probed: ProbedOperation, times: int, *, signed: bool) -> httpx2.Response:
    """The answer to the last rotation of the key of a new subscription."""
    collection = probed.operation.full_path.split("/{webhookSubscription}")[0].format(storeCode="DEFAULT")
    headers = {"Authorization": f"Bearer {probed.admin}"}
    wanted = {"eventName": "CustomerRegistered", "url": "http://localhost:9/", "hmacEnabled": signed}
    created = probed.http.post(collection, json={"webhookSubscription": wanted}, headers=headers).json()
    rotate = f"{collection}/{created['webhookSubscriptionId']}/rotate-hmac-key"
    return [probed.http.post(rotate, headers=headers) for _ in range(times)][-1]


PROBES: dict[str, Callable[[ProbedOperation], httpx2.Response]] = {
    "403": _as_member,
    "404": _other_store,
    "405": _wrong_method,
    "413": _oversized,
    "415": _not_json,
    "429": _too_often,
}
PROBES_OF_ONE = {"webhookSubscriptionRotateHmacKey": {"400": _without_a_key}}  # which chance reaches rarely


def probed(schema: BaseSchema) -> Iterator[tuple[str, str, str]]:
    """Probe every operation for every such status that it declares, on a mock of our own.

    Yields (operationId, status, what is wrong), the last empty if the answer is as declared. `schema` is the contract.
    """
    with MockServer(Settings(port=0, login_rate_limit=2)) as mock, httpx2.Client(base_url=mock.url) as http:
        admin = http.post("/api/admin/login_check", json=CREDENTIALS).json()["token"]
        member_login = CREDENTIALS | {"username": "member"}
        member = http.post("/api/DEFAULT/member/login_check", json=member_login).json()["token"]
        for operation in operations(schema):
            probed = ProbedOperation(http, operation, admin, member)
            operation_id = operation.definition.raw["operationId"]
            probes = PROBES | PROBES_OF_ONE.get(operation_id, {})
            for status in sorted(operation.definition.raw["responses"].keys() & probes.keys(), reverse=True):
                yield operation_id, status, judged(operation, probes[status](probed), status)


def operations(schema: BaseSchema) -> Iterator[Operation]:
    """The operations of a contract; one that Schemathesis can't read is an error."""
    for found in schema.get_all_operations():
        if isinstance(found, Err):
            raise found.err()
        yield found.ok()


def judged(operation: Operation, response: httpx2.Response, status: str) -> str:
    """What is wrong with the answer to a probe; empty if it has the status, and is as declared."""
    if str(response.status_code) != status:
        return f"expected {status}, got {response.status_code} {response.text}"
    try:
        operation.validate_response(response)
    except AssertionError as failure:
        return str(failure)
    return ""
