"""Fault injection: a response gets another status, body or headers, a delay, or damage; or its connection breaks or
hangs."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import orjson

from mockserver.http.media_types import is_harmless
from mockserver.http.messages import (
    JSON_TYPE,
    NO_SNIFF,
    WITHOUT_BODY,
    Ending,
    Header,
    Request,
    Responder,
    Response,
    json_response,
)
from mockserver.pipeline.declared_responses import ISOLATED, DeclaredResponses
from mockserver.pipeline.response_validation import SOURCE_MOCK
from mockserver.world import World
from mockserver.world.faults import Fault

ENDINGS: dict[str | None, Ending] = {"dropConnection": "dropped", "truncateBody": "truncated", "hang": "hung"}
CONTENT_TYPE = JSON_TYPE[0]
_UNPRINTABLE = r"[\x00-\x1f\x7f]+"  # what a template brought from the request can't begin a header of its own
Wanted = Mapping[str, Any]  # `FaultAnswer` of control.yaml


async def faulty_response(
    world: World, operation_id: str | None, responses: DeclaredResponses | None, usual: Responder, request: Request
) -> Response:
    """The usual response, or what a fault makes of it. `operation_id` is None, and so are its declared responses, where
    no operation answers the request (404, 405)."""
    fault = await world.faults.for_request(operation_id, request)
    if fault is None:
        return await usual(request)
    return await changed_by(fault, world, responses, usual, request)


async def changed_by(
    fault: Fault, world: World, responses: DeclaredResponses | None, usual: Responder, request: Request
) -> Response:
    """The response that a fault makes; the `usual` responder runs only if part of its response is kept.

    The result breaks the contract on purpose, so it isn't validated; the usual response was, before.
    """
    await asyncio.sleep(fault.delay)
    answer = await _filled(world, fault, request) if fault.answer.get("template") else fault.answer
    response = _fault_status(answer["status"], responses) if "status" in answer else await usual(request)
    response = _with_headers(_with_content(response, answer), answer)
    if fault.effect == "malformedJson":  # no JSON text begins like that and ends as this one does
        response = _with_body(response, JSON_TYPE, b"{" + response.body)
    response.remark(fault=fault.summary())
    return replace(response, ending=ENDINGS.get(fault.effect))


async def _filled(world: World, fault: Fault, request: Request) -> Wanted:
    """The answer of a fault with what its template repeats of the request."""
    from mockserver.world.faults.templates import Template, filled
    from mockserver.world.request_facts import RequestFacts

    facts, now = RequestFacts(request), world.clock.now()
    texts = {key: fault.answer[key] for key in ("body", "headers") if key in fault.answer}
    if Template(texts).reads_body:
        await facts.read()
    return {**fault.answer, **filled(texts, facts, now)}


def _fault_status(status: int, responses: DeclaredResponses | None) -> Response:
    """The response with the status of the fault: the declared one, or a message if none is declared."""
    declared = responses and responses.with_status(status, None)
    if declared:
        return declared
    if status in WITHOUT_BODY:
        return Response(status, [SOURCE_MOCK])
    phrases = {known.value: known.phrase for known in HTTPStatus}
    return json_response(status, {"code": status, "message": phrases.get(status, "Fault")}, [SOURCE_MOCK])


def _with_content(response: Response, answer: Wanted) -> Response:
    """The response with the wanted body and content type. With a content type, a text is sent as it is."""
    media_type = _media_type(answer)
    header = JSON_TYPE if media_type is None else (CONTENT_TYPE, _line(media_type))
    if "body" in answer:
        body = answer["body"]
        as_it_is = media_type is not None and isinstance(body, str)
        response = _with_body(response, header, body.encode() if as_it_is else orjson.dumps(body))
    elif media_type is not None:
        response = _with_body(response, header, response.body)
    if media_type is not None and not is_harmless(media_type):
        response.headers.extend((NO_SNIFF, ISOLATED))
    return response


def _with_headers(response: Response, answer: Wanted) -> Response:
    """The response with the wanted headers in place of its own of the same names; the content type stays."""
    wanted = {name.lower().encode(): value for name, value in answer.get("headers", {}).items()}
    wanted.pop(CONTENT_TYPE, None)
    if wanted:
        kept = [header for header in response.headers if header[0] not in wanted]
        response.headers = [*kept, *(header for name, value in wanted.items() for header in _lines(name, value))]
    return response


def _media_type(answer: Wanted) -> str | None:
    """The content type that is wanted, be it among the headers."""
    named = {name.lower(): value for name, value in answer.get("headers", {}).items()}
    wanted = answer.get("contentType", named.get("content-type"))
    return None if wanted is None else str(wanted[-1] if isinstance(wanted, list) else wanted)


def _lines(name: bytes, value: str | list[str]) -> Iterator[Header]:
    return ((name, _line(one)) for one in (value if isinstance(value, list) else [value]))


def _line(value: object) -> bytes:
    return re.sub(_UNPRINTABLE, " ", str(value)).encode("latin-1", "replace")


def _with_body(response: Response, content_type: Header, body: bytes) -> Response:
    """The response with another body; unchanged if its status allows no body."""
    if response.status in WITHOUT_BODY:
        return response
    others = [header for header in response.headers if header[0] != CONTENT_TYPE]
    return replace(response, headers=[content_type, *others], body=body, content=None)
