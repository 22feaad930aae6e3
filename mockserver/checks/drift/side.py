"""A side: a server as a run uses it, with the records that the run has made there."""

from typing import Any

import requests

from mockserver.checks.drift.ask import ADMIN, MEMBER, Answer, Ask
from mockserver.checks.live.access import refusal, unreachable
from mockserver.checks.live.cleanup import requests_for
from mockserver.checks.live.guarded_access import GuardedAccess
from mockserver.checks.live.list_reader import NEWEST_PAGES, ListReader
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.guarded_transport import Stopped
from mockserver.checks.transport.ledger import Ledger, is_id
from mockserver.checks.transport.operation_request import as_member, operation_request
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Ids


class Side(GuardedAccess):
    """One of both servers. `name` is that for people: the mock, or live."""

    def __init__(  # noqa: PLR0913 (all that a side is made of)
        self, name: str, planned: Plan, ledger: Ledger, secrets: Secrets, *, ids: Ids, time: MonotonicTime
    ) -> None:
        super().__init__(planned, ledger, secrets, ids, time)
        self.name = name
        self.limits.reserved = lambda: requests_for(self.ownership, ledger)

    # ---------------------------------------------------------------- access
    def enter(self) -> None:
        """Log in, see that the store can be read, and note what is there already. Raises NoLogin."""
        self.recording.stage = "start"
        url = self.planned.options.url
        try:
            for session in self.sessions.values():
                session.token()
            self._look_around()
        except Stopped:
            raise
        except NoLogin as error:
            raise NoLogin(f"{self.name}: {error}") from error
        except requests.RequestException as error:
            raise NoLogin(f"{self.name}: {unreachable(url, error)}") from error

    def _look_around(self) -> None:
        """Note foreign records. Raises NoLogin where none of the lists lets the run in."""
        refused = []
        for resource in self.planned.surface.resources:
            if resource.list is None:
                continue
            call, tenant = resource.list, self.planned.tenant(resource.list)
            response = self.client.send(call, tenant, headers=self.headers)
            if not succeeded(response):
                refused.append((call, response))
                continue
            reader = ListReader(self.planned.surface, call)
            rows = reader.everything(self.client, tenant, self.headers, {}, most=NEWEST_PAGES)
            found = frozenset(str(row[resource.id_name]) for row in rows if is_id(row.get(resource.id_name)))
            self.ownership.was_there(resource.create, found)
            self.ledger.foreign(resource.create.id, found)
        if refused and len(refused) == len([one for one in self.planned.surface.resources if one.list]):
            raise NoLogin(refusal(self.planned.options, refused))

    # ---------------------------------------------------------------- requests
    def marked(self, ask: Ask) -> Any:
        """The body of a request, marked as this side's."""
        return self.ownership.body(ask.call, ask.body)

    def answer(self, ask: Ask) -> Answer:
        """The answer to a request, which is sent as it is. Raises RequestRefused, Stopped, and those of requests."""
        headers = {**self._credential(ask), **ask.headers}
        options: dict[str, Any] = {"params": dict(ask.query), "headers": headers}
        options |= {"json": ask.body} if ask.raw is None else {"data": ask.raw}
        request = operation_request(self.transport.url, ask.call, ask.arguments, ask.method, **options)
        with self.recording.under(ask.tried):
            response = self.client.exchange(request)
        return Answer.of(response, self.recording.number_of(response.request))

    def _credential(self, ask: Ask) -> dict[str, str]:
        if ask.who == ADMIN and not ask.call.public:
            return dict(self.headers)
        return as_member() if ask.who == MEMBER else {}

    @property
    def has_member(self) -> bool:
        """Whether there is a member to log in as."""
        return self.planned.options.credentials.has_member
