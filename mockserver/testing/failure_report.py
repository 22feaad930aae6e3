"""What the report of a failed test shows: the last requests and deliveries of the mocks and receivers that it used."""

from collections.abc import Iterable, Sequence

from mockserver.errors import RemoteError
from mockserver.remote.happenings import delivery_line, request_line
from mockserver.remote.pages import latest_deliveries, page_of_requests
from mockserver.testing.mock import NO_CONTROL, MockServer, connection_to
from mockserver.testing.receiver import Receiver

MOST = 10  # lines of a section

Section = tuple[str, str]


def sections(used: Iterable[MockServer | Receiver]) -> list[Section]:
    """Titles and texts, without secrets. A mock that doesn't tell says why."""
    return [section for one in used for section in (_of_mock(one) if isinstance(one, MockServer) else [_of(one)])]


def _of_mock(mock: MockServer) -> list[Section]:
    if not mock.settings.control:
        return [("the mock", NO_CONTROL)]
    try:
        where = f"the mock at {mock.url}"
        with connection_to(mock) as mine:
            requests = page_of_requests(mine.control, {"last": MOST})
            deliveries = latest_deliveries(mine.control, {}, MOST)
    except (RemoteError, RuntimeError) as error:
        return [("the mock", str(error))]
    return [
        _section(f"requests to {where}", list(map(request_line, requests["items"])), requests["total"]),
        _section(f"deliveries of {where}", list(map(delivery_line, deliveries["items"])), deliveries["total"]),
    ]


def _of(receiver: Receiver) -> Section:
    captured = receiver.captured
    return _section("requests to the receiver", list(map(str, captured[-MOST:])), len(captured))


def _section(what: str, lines: Sequence[str], total: int) -> Section:
    title = f"{what} (the last {len(lines)} of {total})" if total > len(lines) else f"{what} ({total})"
    return title, "\n".join(lines) or "none"
