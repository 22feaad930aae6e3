"""What lost runs left is found by their marks, and nothing else is deleted."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import httpx2
import pytest

from mockserver.checks.live.list_reader import NEWEST_PAGES
from mockserver.checks.live.mark_sweep import MarkSweep, parse_age, run_of
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.session import Credentials, NoLogin
from mockserver.clock import Clock
from mockserver.errors import SettingsError
from tests.checks.fronts import Reply, changing, crowded, oldest_first
from tests.checks.instance import Instance

RUN, OTHER = "0a1b2c3d", "11112222"
KEY = Credentials(api_key="mock-api-key")
HOST = "mockserver-check.invalid"


def _subscribe(http: httpx2.Client, url: str, store: str = "DEFAULT") -> str:
    body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": url}}
    answer = http.post(f"/api/{store}/webhook/subscription", json=body).json()
    return str(answer["webhookSubscriptionId"])


def _options(url: str, **given: Any) -> Options:
    return Options(url, KEY, other_store="OTHER", **given)


def _created(moment: str | None, method: str, path: str, reply: Reply) -> Reply:
    """An answer whose rows were created at a moment, or don't say when."""
    status, headers, content = reply
    if method == "GET" and isinstance(content, dict) and "items" in content and path.endswith("subscription"):
        content = {**content, "items": [{**row, "createdAt": moment} for row in content["items"]]}
    return status, headers, content


def test_marked_records_of_all_stores_are_found_and_deleted() -> None:
    """Those of several runs; other people's stay, also those that only mention a mark."""
    with Instance() as instance, instance.client() as http:
        instance.inhabit()
        _subscribe(http, f"https://crm.example.com/?to=https://{RUN}.{HOST}/")
        before = instance.snapshot()
        ours = {_subscribe(http, f"https://{RUN}.{HOST}/x"), _subscribe(http, f"https://{OTHER}.{HOST}/", "OTHER")}
        with MarkSweep(_options(instance.url)) as marks:
            found = marks.found()
            left = marks.delete(found)
            after = instance.snapshot()

    assert ({one.record for one in found}, {one.run for one in found}) == (ours, {RUN, OTHER})
    assert (left, after) == ([], before)


def test_one_run_can_be_named() -> None:
    """The records of others stay, and a name that no run has is told."""
    with Instance() as instance, instance.client() as http, MarkSweep(_options(instance.url)) as marks:
        _subscribe(http, f"https://{OTHER}.{HOST}/")
        record = _subscribe(http, f"https://{RUN}.{HOST}/")

        assert [one.record for one in marks.found(RUN)] == [record]
        with pytest.raises(SettingsError, match="eight hexadecimal digits"):
            marks.found("mine")


@pytest.mark.parametrize(
    ("moment", "age"),
    [
        ("2001-01-01T00:00:00+00:00", True),
        (None, False),
        ("2001-01-01T00:00:00", False),
        ("yesterday", False),
        ("0001-01-01T00:00:00+14:00", False),
    ],
)
def test_the_age_is_that_of_the_record(moment: str | None, age: bool) -> None:  # noqa: FBT001
    """One that doesn't say when it was created has none."""
    with (
        Instance(changing(partial(_created, moment))) as instance,
        instance.client() as http,
        MarkSweep(_options(instance.url)) as marks,
    ):
        _subscribe(http, f"https://{RUN}.{HOST}/")
        (found,) = marks.found()

    assert (found.age is not None and found.age > parse_age("7000d")) == age
    assert (f"of run {RUN}, no createdAt" in str(found)) != age


@pytest.mark.parametrize(("hours", "old"), [(-2, False), (0, True), (2, True)])
def test_an_instance_may_have_another_time(hours: int, old: bool) -> None:  # noqa: FBT001
    """A record is as old as it is by our clock or by that of the answers, whichever makes it younger."""
    now = datetime.fromtimestamp(Clock().now(), UTC)
    created, told = now - timedelta(hours=1.9), now + timedelta(hours=hours)

    def late(method: str, path: str, reply: Reply) -> Reply:
        status, headers, content = _created(created.isoformat(), method, path, reply)
        return status, headers | {"date": format_datetime(told, usegmt=True)}, content

    with Instance(changing(late)) as instance, instance.client() as http, MarkSweep(_options(instance.url)) as marks:
        _subscribe(http, f"https://{RUN}.{HOST}/")
        (found,) = marks.found()

    assert found.age is not None
    assert (found.age > parse_age("1h")) == old


def test_a_record_that_has_lost_its_mark_stays() -> None:
    """It is read once more before it is deleted."""
    with Instance() as instance, instance.client() as http, MarkSweep(_options(instance.url)) as marks:
        record = _subscribe(http, f"https://{RUN}.{HOST}/")
        found = marks.found()
        path = f"/api/DEFAULT/webhook/subscription/{record}"
        body = {"webhookSubscription": {"url": "https://crm.example.com/"}}
        http.put(path, json=body).raise_for_status()
        (left,) = marks.delete(found)

        assert f"it doesn't carry the mark of run {RUN}" in left
        assert http.get(path).is_success


def test_a_store_that_is_not_there_is_no_empty_one() -> None:
    """Nothing was looked through, and that is said."""
    with (
        Instance() as instance,
        MarkSweep(_options(instance.url, store="NROTH")) as marks,
        pytest.raises(NoLogin, match="answered 404"),
    ):
        marks.found()


@pytest.mark.parametrize("searches", [True, False])
def test_a_store_may_be_full(searches: bool) -> None:  # noqa: FBT001
    """What can be searched for is found, however many rows there are; where the search misses what the newest rows
    show, the list is named, and what was found is deleted all the same."""
    with Instance(crowded(searches=searches)) as instance, instance.client() as http:
        instance.inhabit(3, 0)
        _subscribe(http, f"https://{RUN}.{HOST}/")
        with MarkSweep(Options(instance.url, KEY)) as marks:
            found = marks.found()
            left = marks.delete(found)
            lists = len([one for one in instance.log if one[1].endswith("subscription")])

    assert ([one.run for one in found], left) == ([RUN], [])
    assert ["no end within 400 pages" in line for line in marks.unread] == [True] * (not searches)
    assert (lists < 20) == searches


def test_an_empty_search_is_no_proof_where_the_newest_rows_are_last() -> None:
    """Such a list is read to its end."""
    with Instance(oldest_first(NEWEST_PAGES)) as instance, instance.client() as http:
        record = _subscribe(http, f"https://{RUN}.{HOST}/")
        with MarkSweep(Options(instance.url, KEY)) as marks:
            found = marks.found()

    assert ([one.record for one in found], marks.unread) == ([record], [])


@pytest.mark.parametrize(
    ("text", "run"),
    [
        (f"https://{RUN}.{HOST}", RUN),
        (f"https://{RUN}.{HOST}/path", RUN),
        (f"somebody@{RUN}.{HOST}", RUN),
        (f"mockserver-check-{RUN}-name", RUN),
        (f"1a2b3c4d.mockserver-check-{RUN}-name", RUN),
        (f"https://{RUN}.{HOST}.example.com/", None),
        (f"https://{RUN}.{HOST}@example.com/", None),
        (f"https://example.com/{RUN}.{HOST}/", None),
        (f"http://127.0.0.1:8000/{RUN}.{HOST}/00c0ffee00c0ffee", RUN),
        (f"https://hooks.example.com/in/{RUN}.{HOST}/00c0ffee00c0ffee/a%2Fb?check=1", RUN),
        (f"https://hooks.example.com/{RUN}.{HOST}/about", None),
        (f"https://hooks.example.com/?of=/{RUN}.{HOST}/00c0ffee", None),
        (f"about mockserver-check-{RUN}-name", None),
        (f"https://{RUN.upper()}.{HOST}/", None),
    ],
)
def test_a_mark_begins_a_name_or_is_a_host(text: str, run: str | None) -> None:
    """Elsewhere it is only mentioned."""
    assert run_of({"a": [{"b": text}]}) == run


def test_two_marks_are_none() -> None:
    """Whose a record is can't be told then."""
    assert run_of([f"https://{RUN}.{HOST}/", f"https://{OTHER}.{HOST}/"]) is None


def test_ages_have_a_unit() -> None:
    """Seconds, minutes, hours or days."""
    assert [parse_age(text) for text in ("5s", "30m", "12h", "2d")] == [5, 1800, 43_200, 172_800]
    for text in ("2", "d", "-2d", "1.5d", "2w"):
        with pytest.raises(SettingsError, match=re.escape(f"not {text!r}")):
            parse_age(text)
