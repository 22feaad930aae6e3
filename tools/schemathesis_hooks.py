"""What `schemathesis.toml` can't say of `st run openapi.yaml`, as hooks of Schemathesis: they need nothing but itself.

A run makes subscriptions. Each leads to ``https://RUN.mockserver-check.invalid/…``, which no resolver knows (RFC 2606),
whoever in Schemathesis made up the request; `mockserver sweep --mark` knows that mark. An id that is generated, and is
valid, becomes that of a subscription of this run: what is said of a record is tried on one, and on nobody else's. When
the process ends, what is left of them is deleted.
"""

import atexit
import os
import re
from typing import Any

import click
import requests
import schemathesis

RUN = os.urandom(4).hex()
HOST = f"{RUN}.mockserver-check.invalid"
CREATE, DELETE, ID = "_webhookSubscriptionPost", "webhookSubscriptionDelete", "webhookSubscription"
LONGEST = 255  # characters of an address
PATIENCE = 30  # seconds; longer takes no call at the vendor's
ENDED = {200, 204, 404}  # what says that a subscription is gone
OF_THE_BODY = {"content-length", "content-type", "transfer-encoding"}
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://[^/?#\s]*", re.IGNORECASE)
_VALID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as the contract has ids


def reserved(value: Any) -> Any:
    """The value, a body or a part of it, with all its addresses on the host of this run; what is valid stays valid."""
    if isinstance(value, dict):
        return {name: reserved(item) for name, item in value.items()}
    if isinstance(value, list):
        return [reserved(item) for item in value]
    return _reserved_text(value) if isinstance(value, str) else value


def _reserved_text(text: str) -> str:
    moved = _ADDRESS.sub(lambda found: f"{_scheme(found[1])}://{HOST}", text)
    return moved if moved == text else moved[: max(len(text), LONGEST, moved.rfind(HOST) + len(HOST))]


def _scheme(name: str) -> str:
    return "https" if name.lower() in ("http", "https") else name


class Subscriptions:
    """The subscriptions of this run, oldest first: the request that deletes each."""

    def __init__(self) -> None:
        self._made: set[str] = set()
        self._left: dict[str, dict[str, Any]] = {}
        self._unnamed = 0

    def before(self, case: Any) -> None:
        """Keep a request on the ground of this run."""
        if (body := reserved(case.body)) != case.body:
            case.body = body  # Schemathesis judges anew whether what is set is valid
        named = (case.path_parameters or {}).get(ID)
        if self._left and named not in self._made and _VALID.fullmatch(str(named)):
            case.path_parameters = {**case.path_parameters, ID: next(reversed(self._left))}

    def after(self, case: Any, response: Any) -> None:
        """Note what a request has made or deleted."""
        operation = case.operation.definition.raw.get("operationId")
        if operation == CREATE and response.status_code < requests.codes.bad_request:
            self._note(response)
        elif operation == DELETE and response.status_code in ENDED:
            self._left.pop(case.path_parameters[ID], None)

    def _note(self, response: Any) -> None:
        try:
            record = response.json()["webhookSubscriptionId"]
        except (ValueError, KeyError, TypeError):
            record = None
        if not isinstance(record, str) or not _VALID.fullmatch(record):
            self._unnamed += 1
            return
        headers = {name: value for name, value in response.request.headers.items() if name.lower() not in OF_THE_BODY}
        url = f"{response.request.url.partition('?')[0]}/{record}"
        self._made.add(record)
        self._left[record] = {"url": url, "headers": headers, "verify": response.verify}

    def delete(self) -> None:
        """Delete what is left, newest first, and say how many that were, and how many couldn't be deleted."""
        number, failed = len(self._left), self._unnamed
        while self._left:
            _, request = self._left.popitem()
            try:
                answer = requests.delete(**request, timeout=PATIENCE, allow_redirects=False)
                failed += answer.status_code not in ENDED
            except requests.RequestException:
                failed += 1
        if number or failed:
            click.echo(f"Run {RUN}: {number + self._unnamed - failed} subscriptions were left and are deleted now.")
        if failed:
            click.echo(f"{failed} may still be there: mockserver sweep --mark {RUN} --url … --store …")


def _is_ours(case: Any) -> bool:
    """Whether schemathesis.toml is meant for its document: hooks are called for all."""
    return case.operation.schema.config.hooks is not None


subscriptions = Subscriptions()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:  # noqa: ARG001 (what Schemathesis hands in)
    """Called by Schemathesis before each request."""
    if _is_ours(case):
        subscriptions.before(case)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:  # noqa: ARG001 (what Schemathesis hands in)
    """Called by Schemathesis after each response."""
    if _is_ours(case):
        subscriptions.after(case, response)


atexit.register(subscriptions.delete)
