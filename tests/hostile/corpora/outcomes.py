"""What came of a case, in words: the answers, read as strictly as they can be, beside what the application saw."""

import re
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus

from tests.hostile.corpora.cases import CUT, HANGS, LEFT, NEXT_STEP, UNANSWERED, Steps
from tests.hostile.corpora.echo import MARK, SPLIT

PROBE = "GET /next"
NO_LENGTH = (HTTPStatus.CONTINUE, HTTPStatus.SWITCHING_PROTOCOLS, HTTPStatus.NO_CONTENT)  # may be told in their heads
HEAD_ONLY = (*NO_LENGTH, HTTPStatus.NOT_MODIFIED)  # behind their heads the next answer begins
PUT_IN = SPLIT.partition(b"\r\n")[2].partition(b":")[0].decode()  # the header that must never be one


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answers in their order, as steps; what is wrong with their form; the head of the last."""

    steps: Steps
    faults: tuple[str, ...] = ()
    head: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was received. A body that isn't whole is None."""

    head: str
    body: bytes | None

    @property
    def status(self) -> int:
        """The status."""
        return int(self.head.split(" ")[1])

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        fields = [line.partition(":") for line in self.head.split("\r\n")[1:]]
        return [value.strip(" \t") for field, _, value in fields if field.lower() == name]

    @property
    def is_the_applications(self) -> bool:
        """Whether it comes from the echo, and not from the server."""
        return bool(self.all(MARK[0].decode()))


def outcome(received: bytes, seen: list[str] | None, *, closed: bool) -> Outcome:
    """The outcome of what was received and what the application saw. If nobody knows that, answers speak for
    themselves."""
    replies, rest = replies_in(received, [line.partition(" ")[0] for line in seen or []])
    unanswered = deque(line for line in seen or [] if not line.startswith(LEFT))
    steps: list[str] = []
    faults = [fault for reply in replies for fault in _faults(reply)]
    for reply in replies:
        asked = unanswered.popleft() if unanswered and reply.is_the_applications else None
        steps.append(_step(reply, asked))
        faults += [] if seen is None else _wrong_body(reply, asked)
    faults += ["an answer after one that said close"] if _goes_on(replies) else []
    faults += ["bytes that are no answer"] if rest else []
    steps += [line for line in seen or [] if line.startswith(LEFT)]
    steps += [f"{UNANSWERED} {line}" for line in unanswered]
    steps += [] if closed else [HANGS]
    return Outcome(tuple(steps), tuple(dict.fromkeys(faults)), replies[-1].head if replies else "")


def _step(reply: Reply, asked: str | None) -> str:
    """An answer in words."""
    if reply.body is None:
        return CUT
    if not reply.is_the_applications:
        return str(reply.status)
    text = reply.body.decode("latin-1") if asked is None else asked
    if text == PROBE:
        return NEXT_STEP
    return text if reply.status == HTTPStatus.OK else f"{reply.status} {text}"


def _wrong_body(reply: Reply, asked: str | None) -> list[str]:
    """The body of an answer must be what was asked, where there is one."""
    if not reply.is_the_applications:
        return []
    if asked is None:
        return ["an answer to what was not asked"]
    has_body = reply.status == HTTPStatus.OK and reply.body is not None and not asked.startswith("HEAD ")
    return ["an answer with another body"] if has_body and reply.body != asked.encode("latin-1") else []


def _faults(reply: Reply) -> list[str]:
    """What is wrong with the form of an answer."""
    lengths, codings = reply.all("content-length"), reply.all("transfer-encoding")
    found = {
        "two lengths": len(lengths) + len(codings) > 1,
        "a length where there is no body": reply.status in NO_LENGTH and bool(lengths or codings),
        "a line break within a header": bool(re.search(r"[\r\n]", reply.head.replace("\r\n", ""))),
        "a header that was put in": bool(reply.all(PUT_IN)),
    }
    return [fault for fault, is_so in found.items() if is_so]


def _goes_on(replies: list[Reply]) -> bool:
    """Whether an answer that says it is the last isn't."""
    return any("close" in ",".join(reply.all("connection")).lower() for reply in replies[:-1])


# ---------------------------------------------------------------- reading answers
def replies_in(received: bytes, methods: list[str]) -> tuple[list[Reply], bytes]:
    """The answers, and what is behind them. `methods` are those of the requests that the application answered."""
    replies: list[Reply] = []
    asked = iter(methods)
    while re.match(rb"HTTP/1\.[01] \d{3} [^\r\n]*\r\n", received) and b"\r\n\r\n" in received:
        head, _, rest = received.partition(b"\r\n\r\n")
        reply = Reply(head.decode("latin-1"), b"")
        to_head = reply.is_the_applications and next(asked, "") == "HEAD"
        body, received = (b"", rest) if to_head or reply.status in HEAD_ONLY else _body(reply, rest)
        replies.append(Reply(reply.head, body))
    return replies, received


def _body(reply: Reply, rest: bytes) -> tuple[bytes | None, bytes]:
    """The body of an answer, None if it isn't whole, and what is behind it."""
    if reply.all("transfer-encoding"):
        return _unchunked(rest)
    lengths = reply.all("content-length")
    if not lengths:
        return rest, b""  # it goes to the end of the connection
    length = int(lengths[0])
    return (rest[:length], rest[length:]) if len(rest) >= length else (None, b"")


def _unchunked(rest: bytes) -> tuple[bytes | None, bytes]:
    body = b""
    while match := re.match(rb"([0-9a-fA-F]+)\r\n", rest):
        end = match.end() + int(match[1], 16)
        piece, close, behind = rest[match.end() : end], rest[end : end + 2], rest[end + 2 :]
        if close != b"\r\n":
            break
        if not piece:
            return body, behind
        body, rest = body + piece, behind
    return None, b""
