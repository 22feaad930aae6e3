"""Fault injection: a response gets another status or body, a delay, or damage; or its connection breaks or hangs."""

import asyncio
from dataclasses import replace
from http import HTTPStatus

import orjson

from mockserver.http.messages import JSON_TYPE, WITHOUT_BODY, Ending, Request, Responder, Response, json_response
from mockserver.pipeline.declared_responses import DeclaredResponses
from mockserver.world.faults import FAULT_HEADER, Fault

ENDINGS: dict[str | None, Ending] = {"dropConnection": "dropped", "truncateBody": "truncated", "hang": "hung"}


async def apply_fault(fault: Fault, responses: DeclaredResponses, usual: Responder, request: Request) -> Response:
    """Apply a fault; the `usual` responder runs only if part of its response is kept.

    The result breaks the contract on purpose, so it isn't validated; the usual response was, before.
    """
    await asyncio.sleep(fault.delay)
    response = _fault_status(fault, responses) if "status" in fault.wanted else await usual(request)
    if "body" in fault.wanted:
        response = _with_body(response, orjson.dumps(fault.wanted["body"]))
    if fault.effect == "malformedJson":
        response = _with_body(response, b"{" + response.body)  # no JSON text begins like that and ends as this one does
    response.headers.append((FAULT_HEADER, fault.fault_id.encode()))
    return replace(response, ending=ENDINGS.get(fault.effect), fault=fault.summary())


def _fault_status(fault: Fault, responses: DeclaredResponses) -> Response:
    """The response with the status of the fault: the declared one, or a message if none is declared."""
    status = fault.wanted["status"]
    declared = responses.with_status(status, None)
    if declared:
        return declared
    if status in WITHOUT_BODY:
        return Response(status, [])
    phrases = {known.value: known.phrase for known in HTTPStatus}
    return json_response(status, {"code": status, "message": phrases.get(status, "Fault")})


def _with_body(response: Response, body: bytes) -> Response:
    """The response with another body; unchanged if its status allows no body."""
    if response.status in WITHOUT_BODY:
        return response
    others = [header for header in response.headers if header[0] != JSON_TYPE[0]]
    return Response(response.status, [JSON_TYPE, *others], body)
