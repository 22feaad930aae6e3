"""Every session of this process, through the guarded transport: Schemathesis makes sessions of its own at places that
no hook reaches, such as its probes of the server, and checks that send a request once more."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import requests

from mockserver.checks.transport.guarded_transport import GuardedTransport


@contextmanager
def every_session_through(transport: GuardedTransport) -> Iterator[None]:
    """Send every request to the target of a transport through it, whichever session of this process makes it. Such a
    session goes nowhere else, follows no redirect, and adds nothing of ~/.netrc: a request without a credential has
    none.

    `get_adapter` is where requests looks for the transport of an address.
    """
    of_requests = requests.Session
    usual, usual_redirect = of_requests.get_adapter, of_requests.get_redirect_target
    usual_netrc = requests.sessions.get_netrc_auth
    ours: WeakSet[requests.Session] = WeakSet()

    def get_adapter(session: requests.Session, url: str) -> Any:
        found = usual(session, url)
        if isinstance(found, GuardedTransport):
            return found
        if transport.base.leads_to(str(url)):
            ours.add(session)
        return transport if session in ours else found

    def get_redirect_target(session: requests.Session, response: requests.Response) -> str | None:
        return None if session in ours else usual_redirect(session, response)

    of_requests.get_adapter = get_adapter  # type: ignore[method-assign,assignment] # see above
    of_requests.get_redirect_target = get_redirect_target  # type: ignore[method-assign,assignment]
    requests.sessions.get_netrc_auth = lambda *_, **__: None
    try:
        yield
    finally:
        of_requests.get_adapter = usual  # type: ignore[method-assign]
        of_requests.get_redirect_target = usual_redirect  # type: ignore[method-assign]
        requests.sessions.get_netrc_auth = usual_netrc
