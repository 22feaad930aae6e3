"""Every promise of `check live` is seen broken: by one fault each, taken from the mutants, before a mock in process.

So these are the tests of `findings/promises.py`, of the modules in `live/scenarios/` and of `live/fuzzing.py`, too.
"""

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml  # noqa: TID251 (lines, by other code than the judge has)
from schemathesis import checks

from mockserver.checks.findings.promises import Promise
from mockserver.openapi.contract import Contract
from tests.checks.conftest import Judged
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.faults import MUTANTS
from tests.mutants.proxy import Fault, honest

LIST, GET, POST = "webhookSubscriptionGetList", "webhookSubscriptionGet", "_webhookSubscriptionPost"
PUT, DELETE, ROTATE = "_webhookSubscriptionPut", "webhookSubscriptionDelete", "webhookSubscriptionRotateHmacKey"
EVENTS, FIGURES, PERSON, SALE = "webhookEventGetList", "membersStatsGet", "_memberPost", "_transactionPost"
LOGIN, REFRESH, REFRESH_MEMBER, REVOKE = "adminLoginCheck", "tokenRefresh", "tokenRefreshMember", "userGetTokenRevoke"
MADE, READ, ROW = "schemas/WebhookSubscriptionCreated", "schemas/WebhookSubscription", "list of subscriptions: (rows|"
DETAILS, PAGE = "schemas/WebhookSubscriptionDetails", "schemas/WebhookSubscriptionList"
TOTALS = "schemas/SearchableTotalResponse2"
ORDER, FILTER, SIZE = "parameters/orderBySubscription", "parameters/filter", "parameters/itemsOnPage"
TOKENS, COVERAGE = "schemas/TokenAndRefreshToken", "fuzzing: coverage"
CHOICES = "schemas/WebhookEventName"
ROOT = Path(__file__).parent.parents[2]
RECORDS = (POST, GET, DELETE)
KEYS = Promise.RESPONSE_SCHEMA_CONFORMANCE
SHORT, LONG = 0.5, 10.0  # seconds for an answer; the first where it never comes


class Case(NamedTuple):
    """A mutant that breaks a promise, the scenario or phase that finds it, and the place that the finding names: an
    operation, a place in it (or in the components) and the assumption that is refuted. `only` are the operations of the
    run."""

    mutant: str
    scenario: str
    operation: str
    place: str = ""
    assumption: str | None = None
    only: tuple[str, ...] = ()


CASES = {
    "examples_work": Case("headers are refused", "is created and read", POST),
    "reads_back": Case("event is always the same", "is created and read", GET, f"{READ}/eventName"),
    "list_is_current": Case("list lacks the newest", "is created and read", LIST),
    "ids_fit": Case("new id is in capitals", "subscription: deleted", POST, f"{MADE}/webhookSubscriptionId"),
    "ids_are_new": Case("ids are used twice", "several of a kind", POST),
    "identifiers_are_new": Case("taken address is accepted", "residue: member", PERSON, "", "A31"),
    "time_of_creation": Case("created long ago", "is created and read", GET, f"{READ}/createdAt"),
    "update_keeps": Case("updating changes the event", "updated by", PUT),
    "update_replaces": Case("updating keeps old headers", "updated by", PUT, "", "A19"),
    "delete_deletes": Case("deleted can be read", "subscription: deleted", GET),
    "secret_is_new": Case("rotating keeps the secret", "rotate-hmac-key", ROTATE),
    "secret_when_issued": Case("secret is told unasked", "is created and read", POST, f"{MADE}/hmacSecretKey", "A12"),
    "secrets_stay_secret": Case("secret is shown again", "is created and read", GET),
    "renewing_works": Case("unsigned can rotate", "rotate-hmac-key", ROTATE, "", "A16"),
    "limit_holds": Case("rotating has no limit", "rotate-hmac-key", ROTATE, "", "A16"),
    "unknown_store": Case("any store is the default", "unknown store", LIST, "", "A01"),
    "stores_are_apart": Case("other stores can read", "other store", GET),
    "list_pages": Case("pages overlap", f"{ROW}pages)", LIST, "parameters/page"),
    "list_counts": Case("filtered is one too many", f"{ROW}pages)", LIST, "schemas/SearchableTotalResponse2/filtered"),
    "list_sorts": Case("sorting is reversed", f"{ROW}sorted by url)", LIST, "parameters/orderBySubscription"),
    "list_filters": Case("legacy is ignored", f"{ROW}filtered by legacy)", LIST, "parameters/filterLegacy"),
    "list_refuses": Case("unknown filter is accepted", "unknown filter", LIST, "", "A02"),
    "bad_password": Case("any password is good", "bad passwords, admin", LOGIN),
    "token_is_jwt": Case("token has expired already", "refreshing, admin", LOGIN, f"{TOKENS}/token"),
    "refreshing": Case("next refresh token is dead", "refreshing, admin", REFRESH),
    "refresh_once": Case("refresh token works twice", "refreshing, admin", REFRESH, "", "A09"),
    "refresh_apart": Case("admin refreshes as a member", "refreshing, admin", REFRESH_MEMBER, "", "A10"),
    "revoked": Case("revoking does nothing", f"access: {REVOKE}", REVOKE, "", "A09"),
    "bad_token": Case("any token is good", "bad tokens", EVENTS),
    "expired_token": Case("expired token is good", "expired token", EVENTS),
    "good_key": Case("api key is dead", "bad tokens", EVENTS),
    "no_credential": Case("reading needs no credential", f"nobody at {GET}", GET),
    "member_refused": Case("member may list", f"a member at {LIST}", LIST),
    "figures_agree": Case("figures never change", "residue: member", FIGURES),
    "filters_divide": Case("with transaction is ignored", f"parts of {FIGURES}", FIGURES, "parameters/withTransaction"),
    "names_agree": Case("an event is not listed", f"names of {EVENTS}", EVENTS),
    "malformed_body": Case("broken json is accepted", f"no JSON at {POST}", POST, "", "A05"),
    "forbidden_body": Case("missing event is accepted", f"{POST} without", POST),
    "media_type": Case("any media type is accepted", f"another type at {POST}", POST, "", "A22"),
    "huge_body": Case("huge body is accepted", f"a huge body at {POST}", POST, "", "A22"),
    "problems_told": Case("error points elsewhere", f"problems at {POST}", POST, "schemas/BadRequest/errors", "A35"),
    "allow_is_true": Case("head is not allowed", "allowed methods", EVENTS),
    "answers_in_time": Case("figures never come", f"parts of {FIGURES}", FIGURES),
    "answers_in_full": Case("connection is cut", f"examples of {EVENTS}", EVENTS),
    "answers_in_bounds": Case("events are huge", f"examples of {EVENTS}", EVENTS),
    "answers_in_http": Case("events are no http", f"examples of {EVENTS}", EVENTS),
    "not_a_server_error": Case("missing is 500", "subscription: deleted", GET, "responses"),
    "status_code_conformance": Case("created is 201", "is created and read", POST, "responses"),
    "content_type_conformance": Case("list is text", "other store", LIST, "responses/200"),
    "response_headers_conformance": Case("no retry after", "rotate-hmac-key", ROTATE, "responses/429", "A16"),
    "response_schema_conformance": Case("legacy is text", "is created and read", LIST, f"{READ}/legacy"),
    "negative_data_rejection": Case("missing url is accepted", COVERAGE, POST, "responses/200", None, (POST,)),
    "positive_data_acceptance": Case("headers are refused", "fuzzing: examples", POST, "responses/400", None, (POST,)),
    "use_after_free": Case("deleted can be read", "fuzzing: stateful", GET, "responses/200", None, RECORDS),
    "ignored_auth": Case("nobody needs a credential", COVERAGE, EVENTS, "responses/200", None, (EVENTS,)),
    "unsupported_method": Case("other methods are taken", COVERAGE, EVENTS, "responses/200", None, (EVENTS,)),
    "allow_header_conformance": Case("allow is incomplete", COVERAGE, REFRESH, "responses/405", None, (REFRESH,)),
}  # fmt: skip
# Answers that are emptied or thinned, component by component, with the missing key and the assumption that it is there.
THINNED = [
    Case("TokenAndRefreshToken lacks refresh token", "refreshing, admin", LOGIN, f"{TOKENS}/refresh_token", "A76"),
    Case("WebhookEventList lacks items", f"examples of {EVENTS}", EVENTS, "schemas/WebhookEventList/items", "A77"),
    Case("new id is missing", "is created and read", POST, f"{MADE}/webhookSubscriptionId", "A78"),
    Case("WebhookSubscription lacks url", "is created and read", GET, f"{READ}/url", "A79"),
    Case("WebhookSubscription lacks legacy", "is created and read", LIST, f"{READ}/legacy", "A79"),
    Case("WebhookSubscriptionDetails lacks headers", "is created and read", GET, f"{DETAILS}/headers", "A80"),
    Case("WebhookSubscriptionList lacks total", "is created and read", LIST, f"{PAGE}/total", "A81"),
    Case("SearchableTotalResponse2 lacks estimated", "is created and read", LIST, f"{TOTALS}/estimated", "A82"),
    Case("intervals are missing", f"examples of {FIGURES}", FIGURES, "schemas/MembersAnalytics/intervals", "A83"),
    Case("MembersStats lacks in 7 days", f"examples of {FIGURES}", FIGURES, "schemas/MembersStats/in_7_days", "A84"),
    Case("MemberCreated lacks email", "residue: member", PERSON, "schemas/MemberCreated/email", "A85"),
    Case("transaction has no id", "residue: transaction", SALE, "schemas/TransactionCreated/transactionId", "A86"),
    Case("rotated secret is missing", "rotate-hmac-key", ROTATE, "schemas/HmacSecretKey/hmacSecretKey", "A12"),
    Case("MethodNotAllowed lacks code", "allowed methods", FIGURES, "schemas/MethodNotAllowed/code"),
    Case("errors are empty", f"problems at {POST}", POST, "schemas/BadRequest/code"),
    Case("all but logins are empty", f"examples of {FIGURES}", FIGURES, "schemas/MembersAnalytics/intervals", "A83"),
]
MORE_CASES = [
    ("stores_are_apart", Case("other stores can update", "other store", PUT)),
    ("stores_are_apart", Case("other stores can delete", "other store", DELETE)),
    ("stores_are_apart", Case("other stores can rotate", "other store", ROTATE)),
    ("list_is_current", Case("list lags", "minimal is created and read", LIST)),
    ("list_sorts", Case("sorting by time is ignored", f"{ROW}sorted by createdAt)", LIST, ORDER)),
    ("list_sorts", Case("second sort key is ignored", f"{ROW}sorted by two)", LIST, ORDER)),
    ("list_sorts", Case("pages are sorted by themselves", f"{ROW}pages)", LIST, ORDER)),
    ("list_pages", Case("pages count from zero", f"{ROW}pages)", LIST, "parameters/page")),
    ("list_pages", Case("items on page is ignored", f"{ROW}pages)", LIST, "parameters/itemsOnPage")),
    ("list_refuses", Case("moment in seconds is accepted", "no moment in createdAt", LIST, f"{FILTER}CreatedAt")),
    ("list_refuses", Case("moment without offset is accepted", "no moment in createdAt", LIST, f"{FILTER}CreatedAt")),
    ("secrets_stay_secret", Case("undeclared secret is shown", "is created and read", GET)),
    ("malformed_body", Case("broken json is empty", f"no JSON at {POST}", POST)),
    ("huge_body", Case("huge body is read", f"a huge body at {POST}", POST, "", "A22")),
    ("forbidden_body", Case("missing sku is accepted", f"{SALE} without", SALE)),
    ("forbidden_body", Case("text as a flag is accepted", f"{POST} with .* as a text", POST)),
    ("forbidden_body", Case("missing password is wrong", f"{LOGIN} without", LOGIN)),
    ("token_is_jwt", Case("token never expires", "refreshing, admin", LOGIN, f"{TOKENS}/token")),
    ("list_counts", Case("total counts all stores", "other store", LIST, f"{TOTALS}/all")),
    ("list_counts", Case("all is one too many", f"{ROW}pages)", LIST, f"{TOTALS}/all")),
    ("malformed_body", Case("nan is accepted", f"NaN at {POST}", POST, "", "A05")),
    ("malformed_body", Case("bytes are accepted", f"UTF-8 at {PUT}", PUT, "", "A05")),
    ("not_a_server_error", Case("a large number is 500", f"floats at {POST}", POST, "responses")),
    ("not_a_server_error", Case("a huge integer is 500", f"integer at {POST}", POST, "responses")),
    ("not_a_server_error", Case("half a character is 500", f"surrogate pair at {PUT}", PUT, "responses")),
    ("not_a_server_error", Case("deep nesting is 500", f"arrays within each other at {POST}", POST, "responses")),
    ("not_a_server_error", Case("a key twice is 500", f"a key twice at {POST}", POST, "responses")),
    ("not_a_server_error", Case("the first moment is 500", "edge in createdAt", LIST, "responses")),
    ("not_a_server_error", Case("a null character is 500", f"a null character at {POST}", POST, "responses")),
    ("not_a_server_error", Case("null subscription crashes", f"{PUT} with null in place of", PUT, "responses")),
    ("not_a_server_error", Case("object as a name crashes", f"{LOGIN} with an object in", LOGIN, "responses")),
    ("not_a_server_error", Case("number as a password crashes", f"{LOGIN} with an odd", LOGIN, "responses")),
    ("not_a_server_error", Case("odd id crashes", f"an id that can't be one at {GET}", GET, "responses")),
    ("unsupported_method", Case("other methods are 404", "allowed methods", EVENTS, "responses/404")),
    ("response_headers_conformance", Case("no allow", "allowed methods", EVENTS, "responses/405")),
    ("allow_header_conformance", Case("allow is incomplete", "allowed methods", LIST, "responses/405")),
    ("forbidden_body", Case("unknown part of a sale is accepted", f"{SALE} with a property that", SALE)),
    ("delete_deletes", Case("deleting keeps it", "can be deleted", DELETE)),
    ("reads_back", Case("urls are in lower case", "with more in its lists", GET, f"{READ}/url")),
    ("list_is_current", Case("no header is empty in rows", "is created and read", LIST, f"{READ}/headerName")),
    ("list_refuses", Case("sorting by legacy is ignored", "unsortable legacy", LIST, ORDER)),
    ("list_refuses", Case("too large a page is cut down", "limits of _itemsOnPage", LIST, SIZE, "A02")),
    ("not_a_server_error", Case("large page crashes", "limits of _page", LIST, "responses")),
    ("list_refuses", Case("word as a page is the first", "a word as _page", LIST, "parameters/page", "A02")),
    ("not_a_server_error", Case("no headers crash", "created, .*headers empty", POST, "responses")),
    ("list_is_current", Case("list lacks the newest", "can be deleted", LIST)),
    ("not_a_server_error", Case("word as a page crashes", "a word as _page", LIST, "responses")),
    ("positive_data_acceptance", Case("one event is refused", "as CouponWillExpire", POST, CHOICES)),
    ("positive_data_acceptance", Case("fifty rows are refused", "limits of _itemsOnPage", LIST, SIZE)),
    ("unknown_store", Case("store case is ignored", "store in other case", GET, "", "A01")),
    ("refresh_apart", Case("other stores can refresh", "refreshing, member", REFRESH_MEMBER, "", "A10")),
    ("identifiers_are_new", Case("taken card is accepted", "residue: member", PERSON, "", "A31")),
    ("identifiers_are_new", Case("address in other case is accepted", "residue: member", PERSON, "", "A31")),
    ("forbidden_body", Case("text as a value is accepted", f"{SALE} with .* as a text", SALE)),
    ("forbidden_body", Case("unknown destination is accepted", f"{POST} with an odd .*destinationType", POST)),
    ("forbidden_body", Case("odd headers are accepted", f"{POST} with a line break", POST)),
    ("forbidden_body", Case("too fine a quantity is accepted", f"{SALE} with a too fine", SALE)),
]
OF_ANOTHER_CONTRACT = {
    "missing_required_header": Case("", COVERAGE, EVENTS, "responses/200", None, (EVENTS,)),
    "ensure_resource_availability": Case(
        "nobody needs a credential, creating is lost", "fuzzing: stateful", GET, "responses/404", None, RECORDS[:2]
    ),
}
FAULTS = {mutant.name: mutant for mutant in MUTANTS}


@pytest.fixture(scope="module")
def lines(contract: Contract) -> yaml.Node:
    """Our contract as YAML, which knows its lines."""
    return _composed(contract.text)


def _composed(text: bytes) -> yaml.Node:
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    assert node is not None
    return node


def _place(contract: Contract, case: Case) -> list[str]:
    """The steps to the place of a finding."""
    kind, _, rest = case.place.partition("/")
    if kind in ("schemas", "parameters"):
        name, *inner = rest.split("/")
        part = ["allOf", "1"] if case.place.startswith(DETAILS) else []
        return ["components", kind, name, *part, *(step for key in inner for step in ("properties", key))]
    paths = contract.document["paths"].items()
    found = ((path, method) for path, item in paths for method in item if _id(item[method]) == case.operation)
    return ["paths", *next(found), *filter(None, case.place.split("/"))]


def _id(operation: Any) -> str | None:
    return operation.get("operationId") if isinstance(operation, dict) else None


def _line(node: yaml.Node, steps: list[str]) -> str:
    """Where the key at the end of some steps stands."""
    for step in steps:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
        else:
            key, node = next(pair for pair in node.value if pair[0].value == step)
    return f":{key.start_mark.line + 1}"


def test_every_promise_has_a_fault() -> None:
    """No promise is without a test that breaks it, and each says what is promised."""
    assert {*CASES, *OF_ANOTHER_CONTRACT} == set(Promise)
    assert [promise for promise in Promise if not promise.says.endswith(".")] == []


@pytest.mark.parametrize("promise", CASES)
def test_broken_promises_are_found(promise: str, judged: Judged, contract: Contract, lines: yaml.Node) -> None:
    """Each is found by its own scenario: at its operation, with the line of the contract, and with whom to blame."""
    _is_found(promise, CASES[promise], judged, contract, lines)


@pytest.mark.parametrize(("promise", "case"), MORE_CASES, ids=lambda value: getattr(value, "mutant", value))
def test_subtle_faults_are_found(
    promise: str, case: Case, judged: Judged, contract: Contract, lines: yaml.Node
) -> None:
    """So are faults that break a promise in a way that is hard to see."""
    _is_found(promise, case, judged, contract, lines)


def _is_found(promise: str, case: Case, judged: Judged, contract: Contract, lines: yaml.Node) -> None:
    mutant, timeout = FAULTS[case.mutant], SHORT if promise == Promise.ANSWERS_IN_TIME else LONG

    report = judged(mutant.make(), case.scenario, operation=case.only, timeout=timeout)

    found = {(one.check, place, one.where, one.assumption) for one in report.findings for place in one.operations}
    where = "openapi.yaml" + _line(lines, _place(contract, case))
    assert (promise, case.operation, where, case.assumption) in found
    assert {one.operation for one in report.findings} <= mutant.places


FIRST = {  # faults that show in many ways, and the one finding that is told
    "pages overlap": (f"is created and read|{ROW}pages)", Promise.LIST_PAGES, LIST),
    "pages count from zero": (f"is created and read|{ROW}pages)", Promise.LIST_PAGES, LIST),
    "WebhookSubscriptionList lacks items": (f"is created and read|{ROW}pages|sorted|filtered)", KEYS, LIST),
    "items are null": (f"is created and read|{ROW}pages|sorted|filtered)", KEYS, LIST),
    "rows have no id": (f"is created and read|{ROW}pages|sorted|filtered)", KEYS, LIST),
    "new id is missing": ("is created and read|several of a kind|^list of", KEYS, POST),
    "new id is a path": ("is created and read|several of a kind|^list of", KEYS, POST),
    "creating is lost": (
        "is created and read|of a subscription: (deleted|several|rotate)|^list of.*(rows|pages|url)",
        Promise.READS_BACK,
        GET,
    ),
    "hmac enabled is not shown": ("is created and read", Promise.EXAMPLES_WORK, GET),
    "ValidationError lacks path": (f"problems at {POST}", KEYS, POST),
    "secret is shown again": ("signed is created and read", Promise.SECRETS_STAY_SECRET, GET),
    "no allow": ("allowed methods", Promise.RESPONSE_HEADERS_CONFORMANCE, EVENTS),
    "other methods are 404": ("allowed methods", Promise.UNSUPPORTED_METHOD, EVENTS),
}


@pytest.mark.parametrize("mutant", FIRST)
def test_the_first_cause_is_told(mutant: str, judged: Judged) -> None:
    """What only follows from a fault is no finding of its own, and blames no other operation."""
    scenarios, promise, operation = FIRST[mutant]

    report = judged(FAULTS[mutant].make(), scenarios)

    assert [(one.check, one.operation) for one in report.findings] == [(promise, operation)]


def test_a_fault_of_pages_is_seen_in_its_finding(judged: Judged) -> None:
    """It says which rows came on which page, and the lines to paste fetch all of them."""
    (finding,) = judged(FAULTS["pages overlap"].make(), f"{ROW}pages)").findings

    pages = [part.partition(": ")[2].split(", ") for part in finding.got.split("; ")]
    assert pages[0][-1] == pages[1][0]
    assert set(pages[0]) <= set(finding.expected.partition(": ")[2].split(", "))
    assert [f"_page={number}&" in finding.curl for number in (1, 2, 3, 4, 5)] == [True] * 4 + [False]


@pytest.mark.parametrize("case", THINNED, ids=lambda case: case.mutant)
def test_missing_keys_are_found(case: Case, judged: Judged, contract: Contract, lines: yaml.Node) -> None:
    """An answer that is emptied, or lacks a key, is found: with the key's line, and the assumption that it is there."""
    mutant = FAULTS[case.mutant]

    report = judged(mutant.make(), case.scenario)

    missing = [one for one in report.findings if one.check == KEYS]
    found = {(place, one.where, one.assumption) for one in missing for place in one.operations}
    assert (case.operation, "openapi.yaml" + _line(lines, _place(contract, case)), case.assumption) in found
    assert {one.operation for one in report.findings} <= mutant.places


def test_a_refusal_of_a_huge_body_may_be_a_400(judged: Judged) -> None:
    """A server that refuses by size, in its own words, hasn't read the body: it tells no problem of an empty one."""

    async def refusing(request: Request, send: Send) -> Answer:
        answer = await send(request)
        return Answer.of(400, {"message": "Request Too Long"}) if answer.status == 413 else answer

    assert [one for one in judged(refusing, f"a huge body at {POST}").findings if one.check == Promise.HUGE_BODY] == []


def test_nothing_is_found_on_an_instance_without_a_fault(judged: Judged) -> None:
    """No scenario imagines anything."""
    assert judged(honest, "^(?!fuzzing)").findings == []


def _written(contract: Contract, folder: Path) -> tuple[str, yaml.Node]:
    """A contract like ours, but that events need a header and subscriptions no credential; its file, and its lines."""
    document = copy.deepcopy(contract.document)
    paths = document["paths"]
    header = {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}}
    paths["/api/{storeCode}/webhook/event"]["get"]["parameters"] = [header]
    paths["/api/{storeCode}/webhook/subscription"]["post"]["security"] = []
    paths["/api/{storeCode}/webhook/subscription/{webhookSubscription}"]["get"]["security"] = []
    path = folder / "other.json"
    path.write_text(json.dumps(document, indent=1), "utf-8")
    return str(path), _composed(path.read_bytes())


def _faulty(names: str) -> Fault:
    """Some faults, one behind the other."""
    fault: Fault = honest
    for name in filter(None, reversed(names.split(", "))):
        fault = before(fault, FAULTS[name].make())
    return fault


def before(inner: Fault, outer: Fault) -> Fault:
    """One fault behind another."""
    return lambda request, send: outer(request, lambda changed: inner(changed, send))


@pytest.mark.parametrize("promise", OF_ANOTHER_CONTRACT)
def test_broken_promises_of_another_contract_are_found(
    promise: str, judged: Judged, contract: Contract, tmp_path: Path
) -> None:
    """What our contract has no place for is found where another one has."""
    case = OF_ANOTHER_CONTRACT[promise]
    spec, lines = _written(contract, tmp_path)

    report = judged(_faulty(case.mutant), case.scenario, operation=case.only, spec=spec)

    found = {(one.check, one.operation, one.where) for one in report.findings}
    assert (promise, case.operation, "other.json" + _line(lines, _place(contract, case))) in found


def test_schemathesis_checks_what_the_catalogue_has() -> None:
    """No check of Schemathesis goes unnamed, but the one that wants several accounts."""
    checks.load_all_checks()

    assert set(checks.CHECKS.get_all_names()) - {"object_level_authorization"} <= set(Promise)
