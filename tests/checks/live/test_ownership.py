"""Own records only: what may be named, and what takes the place of what may not."""

from typing import Any

import pytest

from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership, Policy
from mockserver.checks.live.proof import Doubt
from mockserver.checks.live.substitutes import Substitutes
from mockserver.checks.transport.record_ids import RecordKey
from mockserver.clock import Ids
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from tests.support.contracts_of import json_body, surface_of

FOREIGN = "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"
HOST = "run1.mockserver-check.invalid"
SURFACE = Surface(Contract.load())
CREATE = SURFACE.calls["_webhookSubscriptionPost"]
DELETE = SURFACE.calls["webhookSubscriptionDelete"]
READ = SURFACE.calls["webhookSubscriptionGet"]
TENANT = {"storeCode": "DEFAULT"}
SOMEBODY_ELSES, MISREAD = Doubt("it is old", evidence=True), Doubt("no mark", evidence=True, is_new=True)


@pytest.fixture
def ownership() -> Ownership:
    """Nothing is ours yet."""
    policy = Policy(contexts={"storeCode": frozenset({"DEFAULT"})})
    return Ownership(SURFACE, Marks("run1", SURFACE), policy, Ids(1))


@pytest.fixture
def counting() -> Ownership:
    """Of a contract with two kinds of record whose ids are counted, each from one. Nothing is ours yet."""
    paths: dict[str, Any] = {}
    for kind in ("banks", "partners"):
        answer = json_body({"type": "object", "properties": {"id": {"type": "integer"}}})
        paths[f"/{kind}"] = {"post": {"operationId": f"make {kind}", "responses": {"201": answer}}}
        parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        delete = {"operationId": f"delete {kind}", "responses": {"204": {"description": ""}}}
        paths[f"/{kind}/{{id}}"] = {"parameters": [parameter], "delete": delete}
    surface = surface_of(paths)
    return Ownership(surface, Marks("run1", surface), Policy(hostile=True), Ids(1))


def _named(record: str) -> dict[str, str]:
    return {**TENANT, "webhookSubscription": record}


def _body(url: Any) -> dict[str, Any]:
    return {"webhookSubscription": {"eventName": "CustomerRegistered", "url": url}}


def test_foreign_ids_are_refused_at_the_wire(ownership: Ownership) -> None:
    """A request that changes may not name a record of somebody else; one that reads may."""
    assert ownership.refusal(DELETE, _named(FOREIGN), "DELETE", None)
    assert not ownership.refusal(READ, _named(FOREIGN), "GET", None)


def test_what_no_path_declares_is_never_changed() -> None:
    """What a request to it would change nobody knows, a hostile run neither; it may read, and try other methods where
    the contract has a path."""
    policy = Policy(hostile=True, contexts={"storeCode": frozenset({"DEFAULT"})})
    hostile = Ownership(SURFACE, Marks("run1", SURFACE), policy, Ids(1))

    assert hostile.refusal(None, {}, "DELETE", None) == "no such operation in the contract"
    assert not hostile.refusal(None, {}, "GET", None)
    assert not hostile.refusal(None, TENANT, "PATCH", None, beside=CREATE)


def test_own_and_made_up_ids_pass(ownership: Ownership) -> None:
    """What this run created, or made up, may be named."""
    ownership.created(CREATE, TENANT, FOREIGN)

    assert not ownership.refusal(DELETE, _named(FOREIGN), "DELETE", None)
    assert not ownership.refusal(DELETE, _named(ownership.unknown_id()), "DELETE", None)


def test_an_id_that_was_there_before_is_not_adopted(ownership: Ownership) -> None:
    """A server that hands out an existing id as a new one doesn't make the record ours."""
    ownership.was_there(CREATE, frozenset({FOREIGN}))

    assert not ownership.created(CREATE, TENANT, FOREIGN)
    assert ownership.refusal(DELETE, _named(FOREIGN), "DELETE", None)
    assert [record for _, record in ownership.taken_ids] == [FOREIGN]
    assert ownership.may_be_foreign(RecordKey(CREATE.id, FOREIGN))


@pytest.mark.parametrize(("doubt", "expected"), [(None, False), (SOMEBODY_ELSES, True), (MISREAD, False)])
def test_taken_ids_may_be_foreign(ownership: Ownership, doubt: Doubt | None, *, expected: bool) -> None:
    """So is one that is seen to be somebody else's; a new record that only reads wrong isn't. A second one gets it."""
    ownership.created(CREATE, TENANT, "made")
    made = RecordKey(CREATE.id, "made")
    ownership.records[made].doubt = doubt

    assert ownership.may_be_foreign(made) == expected
    ownership.created(CREATE, TENANT, "made")
    assert ownership.may_be_foreign(made)


def test_other_stores_are_not_entered(ownership: Ownership) -> None:
    """Nothing is created in a store that wasn't named."""
    marked = ownership.body(CREATE, _body("https://crm.example.com/"))

    assert not ownership.refusal(CREATE, TENANT, "POST", marked)
    assert ownership.refusal(CREATE, {"storeCode": "NORTH"}, "POST", marked)


def test_foreign_ids_become_ours(ownership: Ownership) -> None:
    """A case that names somebody else's record gets one of ours instead, or nobody's."""
    substitutes = Substitutes(
        ownership, lambda call, arguments: "made" if ownership.created(call, arguments, "made") else None
    )

    assert substitutes.arguments(DELETE, _named(FOREIGN)) == _named("made")


def test_ids_that_are_none_stay_none(ownership: Ownership) -> None:
    """A malformed id is marked, so that it can't happen to be somebody's."""
    changed = Substitutes(ownership, lambda *_: None).arguments(DELETE, _named("17"))["webhookSubscription"]

    assert changed.startswith("mockserver-check-run1-")
    assert not ownership.refusal(DELETE, _named(changed), "DELETE", None)


def test_unmarked_addresses_are_refused_at_the_wire(ownership: Ownership) -> None:
    """No delivery can be sent to an address that somebody could have."""
    assert ownership.refusal(CREATE, TENANT, "POST", _body("https://crm.example.com/"))


def test_what_cannot_be_deleted_is_not_created(ownership: Ownership) -> None:
    """Members are created only if their residue was allowed; revoking and read-only are the same."""
    member, revoke = SURFACE.calls["_memberPost"], SURFACE.calls["userGetTokenRevoke"]
    allowing = Policy(residue=frozenset({"member"}), revoke=True)

    assert "--allow-residue member" in ownership.policy.left_out(SURFACE, member)
    assert "--allow-revoke" in ownership.policy.left_out(SURFACE, revoke)
    assert not allowing.left_out(SURFACE, member)
    assert not allowing.left_out(SURFACE, revoke)
    assert Policy(read_only=True).left_out(SURFACE, CREATE) == "--read-only"


def test_members_of_others_are_not_named(ownership: Ownership) -> None:
    """A transaction names nobody who is there: ids are nobody's, addresses and numbers are marked."""
    customer = {"customerId": FOREIGN, "email": "john@example.com", "loyaltyCardNumber": "LC-1"}
    body = ownership.body(SURFACE.calls["_transactionPost"], {"transaction": {"customerData": customer}})
    safe = body["transaction"]["customerData"]

    assert safe["customerId"] in ownership.made_up
    assert safe["email"] == f"john@{HOST}"
    assert safe["loyaltyCardNumber"] == "mockserver-check-run1-LC-1"


def test_what_stays_takes_no_identifier_of_others() -> None:
    """A phone number becomes another one, the same each time, and of this run; a card carries the mark."""
    policy = Policy(residue=frozenset({"member"}), contexts={"storeCode": frozenset({"DEFAULT"})})
    create, body = SURFACE.calls["_memberPost"], {"phone": "+48600700800", "loyaltyCardNumber": "LC-1"}
    one, two = (Ownership(SURFACE, Marks(run, SURFACE), policy, Ids(1)) for run in ("run1", "run2"))
    marked = [owner.body(create, {"customer": body})["customer"] for owner in (one, one, two)]

    assert marked[0] == marked[1]
    assert marked[0]["phone"] not in (body["phone"], marked[2]["phone"])
    assert marked[0]["loyaltyCardNumber"] == "mockserver-check-run1-LC-1"
    assert one.refusal(create, TENANT, "POST", {"customer": body})
    assert not one.refusal(create, TENANT, "POST", {"customer": marked[0]})


def test_equal_ids_of_two_kinds_are_two_records(counting: Ownership) -> None:
    """A bank may have the number of a partner that is ours, or that was there before: neither is the other."""
    make_bank, make_partner = (counting.surface.calls[f"make {kind}"] for kind in ("banks", "partners"))
    counting.was_there(make_bank, frozenset({"1"}))

    assert counting.created(make_partner, {}, "1")
    assert counting.created(make_partner, {}, "2")
    assert counting.created(make_bank, {}, "2")
    assert not counting.created(make_bank, {}, "1")
    assert counting.taken_ids == [(make_bank, "1")]


def test_an_id_opens_no_record_of_another_kind(counting: Ownership) -> None:
    """That partner 1 is ours is no reason to delete bank 1, by whatever method."""
    delete_bank, delete_partner = (counting.surface.calls[f"delete {kind}"] for kind in ("banks", "partners"))
    counting.created(counting.surface.calls["make partners"], {}, "1")

    assert not counting.refusal(delete_partner, {"id": "1"}, "DELETE", None)
    assert counting.refusal(delete_bank, {"id": "1"}, "DELETE", None)
    assert counting.refusal(None, {"id": "1"}, "PATCH", None, delete_bank)
    assert not counting.refusal(None, {"id": "1"}, "PATCH", None, delete_partner)
    assert counting.unproven(delete_bank, {"id": "1"}, None) == []
    assert counting.unproven(delete_partner, {"id": "1"}, None) == [("make partners", "1")]


def test_a_deletion_ends_one_record(counting: Ownership) -> None:
    """Bank 1 is still there when partner 1 is gone."""
    for kind in ("banks", "partners"):
        counting.created(counting.surface.calls[f"make {kind}"], {}, "1")
    counting.deleted(counting.surface.calls["delete partners"], "1")

    alive = [counting.is_alive(counting.surface.calls[name], "1") for name in ("delete banks", "make partners")]
    assert alive == [True, False]
