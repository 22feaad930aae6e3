"""Stack traces are told from what only looks like one."""

import json
import sys
import traceback
from time import perf_counter  # noqa: TID251 (how long hostile texts take)

import pytest

from mockserver.checks.receiver.stack_traces import LONGEST, shows_trace

NODE = "TypeError: x is undefined\n    at receive (file:///srv/app.mjs:35:62)\n    at Layer.handle (/srv/layer.js:1:2)"
TRACES = {
    "Python": 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in receive',
    "Node.js": NODE,
    "Node.js without names": "Error: x\n    at file:///srv/app.mjs:35:62",
    "Java": "java.lang.IllegalStateException: x\n\tat org.shop.Hooks.receive(Hooks.java:42)",
    "ASP.NET": "System.Exception: x\n   at Shop.Hooks.Receive(String body) in /src/Hooks.cs:line 42",
    "PHP": "#0 /srv/app.php(3): receive()",
    "Ruby": "/srv/app.rb:3:in `receive'",
    "Go": "goroutine 1 [running]:",
}
PLAIN = (
    "",
    "refused at (noon:12)",
    "look at http://example.com:80:1",
    "The event came in time:line 5",
    '{"error": "meet at noon", "at": "2026-01-15T10:30:00"}',
    "<p>Look at <b>the guide</b> (chapter 3)</p>",
)


@pytest.mark.parametrize("text", TRACES.values(), ids=TRACES)
def test_traces_are_seen_in_text_and_json(text: str) -> None:
    """As a framework prints it, and as the value of a field."""
    assert shows_trace(text)
    assert shows_trace(json.dumps({"stack": text}))


def test_traces_are_seen_in_pages() -> None:
    """Express writes `<br>` and `&nbsp;`, others elements; both read as a trace."""
    page = "<pre>TypeError: x (reading &#39;y&#39;)<br> &nbsp; &nbsp;at Layer.handle (/srv/layer.js:169:33)<br></pre>"

    assert shows_trace(page)
    assert shows_trace("<h2>Traceback <em>(most recent call last)</em>:</h2>")


def test_a_trace_of_this_python_is_one() -> None:
    """Whatever the version writes."""
    try:
        sys.exit("no")
    except SystemExit:
        assert shows_trace(traceback.format_exc())


@pytest.mark.parametrize("text", PLAIN)
def test_other_texts_are_none(text: str) -> None:
    """Also such as have some of the words."""
    assert not shows_trace(text)
    assert not shows_trace(json.dumps(text))


@pytest.mark.parametrize("piece", ["\n", " at ", "<", "<br", "\\n at a in b", "\n at a in b"])
def test_hostile_texts_take_no_time(piece: str) -> None:
    """A receiver can answer with millions of characters."""
    begin = perf_counter()

    shows_trace(piece * (40 * LONGEST // len(piece)))

    assert perf_counter() - begin < 10
