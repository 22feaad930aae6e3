"""Exchanges as an HTTP Archive (HAR 1.2), which browsers and proxies can open."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mockserver import __version__
from mockserver.archive_words import beginning
from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.transport.recording import Headers, RecordedExchange

MOST_REMEMBERED = 4096  # texts
UNKNOWN = -1  # a size or time, as the format has it
Entry = dict[str, Any]


def as_har(outcome: Outcome) -> Iterator[str]:
    """The archive of a run, piece by piece, as it can be large: every request in the order of sending."""
    creator = {"name": outcome.report.command, "version": __version__}
    opening = json.dumps({"log": {"version": "1.2", "creator": creator, "entries": []}})
    head, foot = opening[: opening.rindex("]")], opening[opening.rindex("]") :]
    found, clean = _findings(outcome), lru_cache(MOST_REMEMBERED)(outcome.clean)
    yield head
    separator = ""
    for exchange in outcome.exchanges:
        yield separator + json.dumps(_entry(_cleaned(exchange, clean), found.get(exchange.number, [])))
        separator = ",\n"
    yield foot


def _cleaned(exchange: RecordedExchange, clean: Callable[[str], str]) -> RecordedExchange:
    """The exchange without secrets. Most texts come again and again, and cleaning one takes a while."""

    def each(headers: Headers) -> Headers:
        return [(clean(name), clean(value)) for name, value in headers]

    return replace(
        exchange,
        url=clean(exchange.url),
        headers=each(exchange.headers),
        body=clean(exchange.body),
        reason=clean(exchange.reason),
        answer_headers=each(exchange.answer_headers),
        answer=clean(exchange.answer),
        error=clean(exchange.error),
    )


def _findings(outcome: Outcome) -> dict[int, list[str]]:
    """The ids of the findings that an exchange led to, by its number."""
    found: dict[int, list[str]] = {}
    for finding in outcome.report.findings:
        for number in finding.exchanges:
            found.setdefault(number, []).append(finding.id)
    return found


def _entry(exchange: RecordedExchange, findings: Sequence[str]) -> Entry:
    milliseconds = round(1000 * exchange.seconds, 3)
    comment = [exchange.scenario, *(f"finding {one}" for one in findings), exchange.error]
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.at, UTC).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": "; ".join(filter(None, comment)),
        "_operation": exchange.operation,
        "_scenario": exchange.scenario,
        "_findings": list(findings),
    }


def _request(exchange: RecordedExchange) -> Entry:
    request = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(exchange.headers),
        "queryString": _named(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)),
        "headersSize": UNKNOWN,
        "bodySize": exchange.size,
    }
    if exchange.size:
        cut = {} if exchange.is_whole else beginning(exchange.size)
        request["postData"] = {"mimeType": _media_type(exchange.headers), "text": _readable(exchange.body)} | cut
    return request


def _response(exchange: RecordedExchange) -> Entry:
    content: Entry = {"size": exchange.answer_size, "mimeType": _media_type(exchange.answer_headers)}
    content["text"] = _readable(exchange.answer)
    if len(exchange.answer.encode("utf-8", "surrogateescape")) < exchange.answer_size:
        content |= beginning(exchange.answer_size)
    return {
        "status": exchange.status,
        "statusText": exchange.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(exchange.answer_headers),
        "content": content,
        "redirectURL": next((value for name, value in exchange.answer_headers if name.lower() == "location"), ""),
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    }


def _named(pairs: Sequence[tuple[str, str]]) -> list[Entry]:
    return [{"name": name, "value": value} for name, value in pairs]


def _media_type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _readable(text: str) -> str:
    """The text, with escapes in place of bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
