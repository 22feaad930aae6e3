"""What a fault does to an answer: another status or body, a delay, a broken connection, a damaged body, or silence."""

import asyncio
from dataclasses import replace
from http import HTTPStatus

import orjson

from mockserver.http.messages import JSON_TYPE, WITHOUT_BODY, Ending, Request, Responder, Response, json_response
from mockserver.pipeline.declared_responses import StandIn
from mockserver.world.faults import FAULT_HEADER, Fault

ENDINGS: dict[str | None, Ending] = {"dropConnection": "dropped", "truncateBody": "truncated", "hang": "hung"}


async def broken(fault: Fault, stand_in: StandIn, usual: Responder, request: Request) -> Response:
    """The answer that a fault makes of the usual one, which is only asked for where something of it is left.

    The result leaves the contract on purpose, so nobody may judge it; the usual answer was judged before.
    """
    await asyncio.sleep(fault.delay)
    answer = _refusal(fault, stand_in) if "status" in fault.wanted else await usual(request)
    if "body" in fault.wanted:
        answer = _with_body(answer, orjson.dumps(fault.wanted["body"]))
    if fault.effect == "malformedJson":
        answer = _with_body(answer, b"{" + answer.body)  # no JSON text begins like that and ends as this one does
    answer.headers.append((FAULT_HEADER, fault.fault_id.encode()))
    return replace(answer, ending=ENDINGS.get(fault.effect))


def _refusal(fault: Fault, stand_in: StandIn) -> Response:
    """The answer with the wanted status: the declared one, or a message where none is declared."""
    status = fault.wanted["status"]
    declared = stand_in.answer(status, None)
    if declared:
        return declared
    if status in WITHOUT_BODY:
        return Response(status, [])
    phrases = {known.value: known.phrase for known in HTTPStatus}
    return json_response(status, {"code": status, "message": phrases.get(status, "Fault")})


def _with_body(answer: Response, body: bytes) -> Response:
    """The answer with another body, if its status may have one."""
    if answer.status in WITHOUT_BODY:
        return answer
    others = [header for header in answer.headers if header[0] != JSON_TYPE[0]]
    return Response(answer.status, [JSON_TYPE, *others], body)
