"""Archives for tests: exchanges as browsers and tools write them, and lies in them."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mockserver.checks.findings.report import Report
from mockserver.checks.recording.options import RecordingOptions
from mockserver.checks.recording.run import check_recording
from tests.mutants.exchange import Answer, Request
from tests.mutants.walk import Step

Json = Any
Entry = dict[str, Any]
URL = "https://ol.staging.example.com/loyalty"


def named(pairs: Iterable[tuple[str, str]]) -> list[Entry]:
    """Headers as an archive has them."""
    return [{"name": name, "value": value} for name, value in pairs]


def entry(request: Request, answer: Answer, url: str = URL) -> Entry:
    """An exchange as the format describes it."""
    told: Entry = {"method": request.method, "url": f"{url}{request.target}", "headers": named(request.headers)}
    if request.body:
        text = request.body.decode("utf-8", "backslashreplace")
        told["postData"] = {"mimeType": request.header("Content-Type"), "text": text}
    content = {"size": len(answer.body), "mimeType": answer.header("Content-Type") or "x-unknown"}
    content["text"] = answer.body.decode("utf-8", "backslashreplace")
    response = {"status": answer.status, "headers": named(answer.headers), "content": content}
    return {"request": told, "response": response}


def call(method: str, path: str, status: int = 200, body: Json = None, sent: Json = None) -> Entry:
    """An exchange of JSON by its parts, of somebody who is logged in."""
    headers = (("Authorization", "Bearer x"), ("Content-Type", "application/json"))
    request = Request(headers, b"" if sent is None else json.dumps(sent).encode(), method, path)
    if body is None:
        return entry(request, Answer((), b"", status))
    return entry(request, Answer((("Content-Type", "application/json"),), json.dumps(body).encode(), status))


def entries(steps: Iterable[Step]) -> list[Entry]:
    """The entries of a walk."""
    return [entry(request, answer) for request, answer in steps]


def write(path: Path, found: Iterable[Entry]) -> Path:
    """Write an archive."""
    content = {"log": {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "entries": list(found)}}
    path.write_text(json.dumps(content), "utf-8")
    return path


def judged(path: Path, found: Iterable[Entry], **options: Any) -> Report:
    """What is said of an archive with these entries."""
    return check_recording(RecordingOptions((write(path / "recording.har", found),), **options)).report


def content_of(one: Entry) -> Json:
    """The answer of an entry as JSON."""
    return json.loads(one["response"]["content"]["text"])


def answered(one: Entry, change: Callable[[Json], Json]) -> None:
    """Change the answer of an entry."""
    text = json.dumps(change(content_of(one)))
    one["response"]["content"] |= {"text": text, "size": len(text)}
