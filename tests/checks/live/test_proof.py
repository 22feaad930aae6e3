"""What creating answers is a claim: a record that isn't proven to be the run's is neither changed nor deleted."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run
from mockserver.checks.live.marks import Marks
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.proof import Doubt, OwnRecord, Proof
from mockserver.checks.live.sweep import sweep
from mockserver.checks.transport.ledger import Ledger, read
from mockserver.checks.transport.session import Credentials
from mockserver.clock import Clock, timestamp
from mockserver.http.messages import Request, Response
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface
from tests.checks.fronts import Reply, changed, instead
from tests.checks.instance import Front, Instance, Respond

RUN, TENANT, RECORD = "0a1b2c3d", {"storeCode": "DEFAULT"}, "6e4f7789-774e-4c75-b10a-2104e17146b3"
SURFACE = Surface(Contract.load())
CREATE = SURFACE.calls["_webhookSubscriptionPost"]
OURS, THEIRS = f"https://{RUN}.mockserver-check.invalid/", "https://crm.example.com/"
NOW = 1_800_000_000.0
COLLECTION = "/api/DEFAULT/webhook/subscription"


def _answer(status: int, content: Any, date: float | None = NOW) -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = status, BytesIO(json.dumps(content).encode())
    if date is not None:
        response.headers["Date"] = formatdate(date, usegmt=True)
    return response


def _proof() -> Proof:
    return Proof(SURFACE, Marks(RUN, SURFACE), Clock(NOW))


def _shown(url: str = OURS, age: float | str | None = 0.0, **more: Any) -> dict[str, Any]:
    created = timestamp(NOW - age) if isinstance(age, float) else age
    return {"webhookSubscriptionId": RECORD, "url": url, "createdAt": created, "eventName": "CustomerRegistered"} | more


# ---------------------------------------------------------------- what proves
@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (_shown(), ""),
        (_shown(OURS.upper()), ""),
        (_shown(age=None), ""),  # nothing tells when it was created
        (_shown(age="2027-13-45"), ""),
        (_shown(age=200.0), ""),  # the clocks of one instance differ
        (_shown(age=7200.0), ""),  # whoever writes local times
        (_shown(THEIRS), "doesn't carry the mark"),
        (_shown(age=3000.0), "created 3000 seconds before"),  # one that was there is overwritten by creating
        (_shown(age=86400.0 * 30), "seconds before"),
        (_shown(webhookSubscriptionId="another"), "another one"),
        ([], "no record"),
    ],
)
def test_a_mark_and_the_time_prove_a_record(shown: Any, reason: str) -> None:
    """A record is ours if it shows the mark, and isn't older than the request for it."""
    own = _proof().claim(CREATE, TENANT, NOW, {"webhookSubscription": {"url": OURS}})

    doubt = _proof().doubt(RECORD, own, shown, _answer(200, shown))

    assert (doubt is None) == (not reason)
    assert reason in (doubt.reason if doubt else "")


@pytest.mark.parametrize(
    ("sent", "age", "is_ours"),
    [
        ({"eventName": "CustomerRegistered"}, None, True),
        ({"eventName": "RewardCreated"}, None, False),
        ({"eventName": "RewardCreated"}, 2.0, True),  # that is when it was asked for
        ({"eventName": "CustomerRegistered"}, 5000.0, False),
        ({}, None, False),
    ],
)
def test_without_a_mark_it_is_what_was_sent_or_the_moment(
    sent: dict[str, str],
    age: float | None,
    is_ours: bool,  # noqa: FBT001
) -> None:
    """A body without a place for a mark is known by what it has, or by when it came."""
    own, shown = _proof().claim(CREATE, TENANT, NOW, {"webhookSubscription": sent}), _shown(THEIRS, age)

    assert (_proof().doubt(RECORD, own, shown, _answer(200, shown)) is None) == is_ours


def test_the_clock_is_that_of_the_instance() -> None:
    """An instance whose clock is an hour and ten minutes slow has new records that look old here."""
    own, slow = OwnRecord(CREATE, TENANT, asked_at=NOW), 4200.0
    shown = _shown(age=slow)

    assert _proof().doubt(RECORD, own, shown, _answer(200, shown, NOW - slow)) is None
    assert _proof().doubt(RECORD, own, shown, _answer(200, shown, None)) is not None


class Views:
    """What reading and the list answer, one after the other; the last one stays."""

    def __init__(self, reads: list[requests.Response], row: dict[str, Any] | None = None) -> None:
        self.reads, self.row, self.pauses = reads, row, list[float]()

    def ask(self, call: Call, _arguments: Mapping[str, str], _query: Mapping[str, str]) -> requests.Response:
        """As the instance."""
        if call.record is None:
            return _answer(200, {"items": [self.row] if self.row else []})
        return self.reads.pop(0) if len(self.reads) > 1 else self.reads[0]

    def doubt(self, proof: Proof) -> Doubt | None:
        """The doubt that is left after looking."""
        return proof.seek(RECORD, OwnRecord(CREATE, TENANT, asked_at=NOW), self.ask, self.pauses.append)


def test_what_shows_late_is_waited_for() -> None:
    """A new record that can't be read at once is no false alarm."""
    views = Views([_answer(404, {}), _answer(404, {}), _answer(200, _shown())])

    assert views.doubt(_proof()) is None
    assert views.pauses == [0.25, 0.75]


def test_patience_ends() -> None:
    """Where new records can't be read at all, only the first is waited for, and none is taken for somebody's."""
    proof, views = _proof(), Views([_answer(404, {})])
    doubts = [views.doubt(proof), views.doubt(proof)]

    assert [doubt and (doubt.reason, doubt.evidence) for doubt in doubts] == [("reading it answers 404", False)] * 2
    assert len(views.pauses) == 3


@pytest.mark.parametrize("read", [_shown(THEIRS), _shown(url=""), {"error": "no"}])
def test_a_list_may_prove_what_reading_does_not(read: dict[str, Any]) -> None:
    """A row with the id and the mark is a proof, too: reading may have a defect of its own."""
    assert Views([_answer(200, read)], _shown()).doubt(_proof()) is None
    assert Views([_answer(500, read)], _shown()).doubt(_proof()) is None
    assert Views([_answer(200, read)]).doubt(_proof()) is not None


# ---------------------------------------------------------------- hostile instances
def _handing_out(foreign: list[str], after: int, overwrite: bool) -> Front:  # noqa: FBT001
    """An instance that hides records from its lists, and creates no more after some: it answers with the ids of those.
    If it does `overwrite`, it writes what was sent onto them, as an upsert does; others change them, too."""
    made, written = Counter[str](), dict[str, str]()

    def front(respond: Respond) -> Respond:
        async def answer(request: Request) -> Response:
            if foreign and (request.method, request.path) == ("POST", COLLECTION):
                made["all"] += 1
                if made["all"] > after:
                    record = foreign[made["all"] % len(foreign)]
                    sent = json.loads(request.body or b"{}").get("webhookSubscription")
                    written[record] = sent.get("url", "") if isinstance(sent, dict) else ""
                    return _json({"webhookSubscriptionId": record})
            if request.method == "PUT":
                written.update({record: f"{url}changed" for record, url in written.items()})
            return _seen(request, await respond(request))

        return answer

    def _seen(request: Request, response: Response) -> Response:
        content = json.loads(response.body) if response.status == 200 and request.method == "GET" else None
        if request.path == COLLECTION and isinstance(content, dict):
            rows = [row for row in content["items"] if row["webhookSubscriptionId"] not in foreign]
            return _json(content | {"items": rows})
        record = request.path.rpartition("/")[2]
        if record in foreign and isinstance(content, dict):
            url = written.get(record) if overwrite else None
            return _json(content | {"createdAt": "2026-01-01T00:00:00+00:00", "url": url or content["url"]})
        return response

    return front


def _json(content: Any) -> Response:
    return Response(200, [(b"content-type", b"application/json")], json.dumps(content).encode())


def _judged(instance: Instance, folder: Path) -> Report:
    options = Options(instance.url, Credentials("admin", "password"), report_dir=str(folder))
    return run.check(replace(run.plan(options), only="can be deleted|subscription: deleted|updated by")).report


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("overwrite", [False, True])
def test_ids_of_others_are_left_alone(tmp_path: Path, after: int, overwrite: bool) -> None:  # noqa: FBT001
    """Records that the lists hide, and that creating hands out as new, are neither changed nor deleted; that is
    critical, and told as what is left."""
    foreign: list[str] = []
    with Instance(_handing_out(foreign, after, overwrite)) as instance:
        foreign += instance.inhabit(subscriptions=9, members=0)[::3]
        report = _judged(instance, tmp_path)
        changes = [
            f"{method} {path}" for method, path in instance.log if method != "GET" for one in foreign if one in path
        ]

    assert changes == []
    assert [one.check for one in report.findings] == ["ids_are_new"]
    assert report.findings[0].severity == "critical"
    assert [line for line in report.residue if "isn't proven to be ours" not in line] == []
    assert report.residue


def test_an_instance_that_lags_is_no_thief(tmp_path: Path) -> None:
    """Where a new record can't be read at first, nothing is said of whose it is, and nothing stays."""
    asked = Counter[str]()

    def late(method: str, path: str) -> Reply | None:
        asked[path] += method == "GET"
        return (
            (404, {}, {})
            if method == "GET" and COLLECTION in path and asked[path] == 1 and path != COLLECTION
            else None
        )

    with Instance(instead(late)) as instance:
        report = _judged(instance, tmp_path)

    assert [one.message for one in report.findings if one.check == "ids_are_new"] == []
    assert report.residue == []


def test_a_sweep_knows_what_is_older_than_the_run(tmp_path: Path) -> None:
    """A run that was killed before the answer came: what carries its mark, and was there before, was overwritten."""
    old = changed("GET", f"{COLLECTION}.*", lambda reply: (reply[0], reply[1], _aged(reply[2])))
    with Instance(old) as instance, instance.client() as http:
        body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": OURS}}
        record = http.post(COLLECTION, json=body).json()["webhookSubscriptionId"]
        options = Options(instance.url, Credentials(api_key="mock-api-key"), report_dir=str(tmp_path))
        with Ledger.create(options.ledger_path, RUN, instance.url) as ledger:
            ledger.intend(CREATE.id, TENANT, timestamp(Clock().now()), marked=True)

        (left,) = sweep(options)

        assert http.get(f"{COLLECTION}/{record}").status_code == 200
    assert "seconds before this run asked for it" in left
    assert read(options.ledger_path).remaining


def _aged(content: Any) -> Any:
    """Records, and lists of them, as they would be if they were old."""
    if isinstance(content, dict) and "items" in content:
        return content | {"items": [_aged(row) for row in content["items"]]}
    return content | {"createdAt": "2026-01-01T00:00:00+00:00"} if isinstance(content, dict) else content
