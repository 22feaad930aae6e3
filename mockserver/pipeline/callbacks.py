"""Callbacks: an operation that succeeds lets events be sent to URLs which its contract finds in request and response.

Each call sends one event, to its own URL. The contract doesn't say how such a subscription ends, so the URL stays among
the receivers of the event, and gets it, too, when somebody triggers it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import orjson

from mockserver.errors import BadRequest
from mockserver.http.messages import Request, Response
from mockserver.nesting import shallow_json
from mockserver.openapi.contract import Callback
from mockserver.openapi.runtime_expressions import ExchangeValues, Unavailable, url_of
from mockserver.openapi.structure import bare_type
from mockserver.remarks import LONGEST_TEXT
from mockserver.signing import SignedUrl
from mockserver.webhooks.events import FORM_TYPE
from mockserver.world import World
from mockserver.world.receivers import names_user, receiver_of_callback

logger = logging.getLogger("mockserver")

LONGEST_URL = 2_000  # characters
DEEPEST = 100  # levels of a body that expressions look into
NO_VALUE = "The callback {} isn't sent: there is no {} in this exchange, which gives its URL by the contract."
NO_URL = "The callback {} isn't sent: {!r}, which its expression gives, is no http or https URL."
USER = "The callback {} isn't sent: its URL has a user name before the host, which no receiver is called with."
SHARED = "The callback {} isn't sent: mocks that share a database send none."
SHOWN = 100  # characters of what is no URL


class Callbacks:
    """The callbacks of one operation."""

    def __init__(self, world: World, callbacks: Sequence[Callback]) -> None:
        self._world = world
        self._callbacks = callbacks

    async def answered(self, request: Request, response: Response) -> None:
        """Send what a successful response causes, soon after it; the response says why something isn't sent. Never
        raises: a defect is logged, as it mustn't break the response."""
        if not 200 <= response.status < 300:  # noqa: PLR2004 (a 2xx)
            return
        exchange, hints = values_of(request, response), list[str]()
        for callback in self._callbacks:
            try:
                hint = await self._send(callback, exchange)
            except BadRequest as error:  # no payload was found
                hint = error.message
            except Exception:
                logger.exception("The callback %s is lost: a defect of the mock", callback.event_name)
                continue
            hints += [hint] if hint else []
        if hints and not response.remarks.hint:
            response.remark(hint=_told(hints)[:LONGEST_TEXT])

    async def _send(self, callback: Callback, exchange: ExchangeValues) -> str:
        """Send the event of a callback; returns why it isn't sent, if so."""
        world, name = self._world, callback.event_name
        if world.replicas is not None:
            return SHARED.format(name)
        try:
            url = url_of(callback.expression, exchange)
            if names_user(url):
                return USER.format(name)
            SignedUrl.of(url)
        except Unavailable as lacking:
            return NO_VALUE.format(name, lacking.args[0])
        except ValueError:
            return NO_URL.format(name, url[:SHOWN])
        if len(url) > LONGEST_URL or not (url.isascii() and url.isprintable()) or " " in url:
            return NO_URL.format(name, url[:SHOWN])
        receiver = await receiver_of_callback(world, world.settings.stores[0], name, url)
        generated = world.events.generated(name)
        is_valid = partial(_is_valid, world, name)
        await world.emit_to(receiver, coherent(generated, exchange, is_valid))
        return ""


def _told(hints: list[str]) -> str:
    """Why a callback isn't sent, and of how many that is so."""
    return hints[0] if len(hints) == 1 else f"The first of {len(hints)}: {hints[0]}"


def _is_valid(world: World, event_name: str, payload: Any) -> bool:
    return not world.events.violations(event_name, payload)


def values_of(request: Request, response: Response) -> ExchangeValues:
    """What the expressions of a contract can name of an exchange."""
    headers = _texts(request.headers)
    scheme = request.source.scheme if request.source else "http"
    query = request.query_string.decode("latin-1")
    target = request.path + (f"?{query}" if query else "")
    return ExchangeValues(
        request.method,
        f"{scheme}://{headers.get('host', '')}{target}",
        response.status,
        request.path_parameters,
        dict(reversed(parse_qsl(query, keep_blank_values=True))),  # of several the first
        headers,
        _content(headers.get("content-type", ""), request.body or b""),
        _texts(dict(response.headers)),
        response.content if response.content is not None else shallow_json(response.body, DEEPEST),
    )


def _texts(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers.items()}


def _content(media_type: str, body: bytes) -> Any:
    if bare_type(media_type) == FORM_TYPE:
        return dict(reversed(parse_qsl(body.decode("latin-1"), keep_blank_values=True)))
    return shallow_json(body, DEEPEST)


def coherent(payload: Any, exchange: ExchangeValues, is_valid: Callable[[Any], bool]) -> Any:
    """A payload that names the records which its exchange names: each of its ids that the exchange has, too, by the
    same name, has the value from there, if the payload is valid then. What is called just `id` may be anybody's."""
    if not isinstance(payload, dict):
        return payload
    known = _ids(exchange.body) | dict(exchange.path) | _ids(exchange.response_body)
    for name in payload:
        if name in known and _is_id(name):
            changed = payload | {name: known[name]}
            if orjson.dumps(changed) != orjson.dumps(payload) and is_valid(changed):
                payload = changed
    return payload


def _ids(content: Any) -> dict[str, Any]:
    """The ids that an object has."""
    return {name: one for name, one in content.items() if _is_id(name)} if isinstance(content, dict) else {}


def _is_id(name: str) -> bool:
    return name.endswith(("Id", "ID", "_id", "-id", "Reference", "_reference"))
