"""An admin account at a running mock: it lists events, subscribes and unsubscribes by the API."""

from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from mockserver.client.running_mock import Remote
from mockserver.errors import Refused, RemoteError
from mockserver.remote.api_answers import EventNamesJson, SubscriptionCreatedJson, TokensJson

Answer = TypeVar("Answer")
_UNAUTHORIZED = 401
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class AdminCredentials:
    """The credentials of an admin: an API key, or else user name and password."""

    username: str
    password: str
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class OwnSubscription:
    """A signed subscription of this client, with its secret."""

    subscription_id: str
    event_name: str
    url: str
    secret: str


class Account:
    """An admin account for one store of a mock. It logs in with the first call, and again when the token has expired.

    Every method raises as `Remote` does; RemoteError also if the credentials are wrong or there is no such store.
    """

    def __init__(self, remote: Remote, credentials: AdminCredentials, store_code: str) -> None:
        self._remote = remote
        self._credentials = credentials
        self._store_code = store_code
        self._headers: dict[str, str] = {}

    def event_names(self) -> list[str]:
        """The names of all events, in the order of the contract."""
        try:
            return list(self._call("GET", "/event", EventNamesJson)["items"])
        except Refused as refused:
            if refused.status == _NOT_FOUND:
                raise RemoteError(f"The mock at {self._remote.url} has no store {self._store_code!r}.") from refused
            raise

    def subscribe(self, event_name: str, url: str) -> OwnSubscription:
        """Subscribe a URL to an event, with signatures."""
        wanted = {"eventName": event_name, "url": url, "hmacEnabled": True}
        made = self._call("POST", "/subscription", SubscriptionCreatedJson, json={"webhookSubscription": wanted})
        if "hmacSecretKey" not in made:
            raise self._remote.no_mock()
        return OwnSubscription(made["webhookSubscriptionId"], event_name, url, made["hmacSecretKey"])

    def has(self, subscription: OwnSubscription) -> bool:
        """Whether the mock still has a subscription."""
        try:
            self._call("GET", f"/subscription/{subscription.subscription_id}", dict)
        except Refused as refused:
            if refused.status == _NOT_FOUND:
                return False
            raise
        return True

    def unsubscribe(self, subscription: OwnSubscription) -> None:
        """End a subscription."""
        self._call("DELETE", f"/subscription/{subscription.subscription_id}", object)

    def _call(self, method: str, path: str, kind: type[Answer], **request: Any) -> Answer:
        where = f"/api/{quote(self._store_code, safe='')}/webhook{path}"
        if self._headers:
            try:
                return self._remote.ask(method, where, kind, headers=self._headers, **request)
            except Refused as refused:
                if refused.status != _UNAUTHORIZED:
                    raise
        self._headers = self._log_in()
        try:
            return self._remote.ask(method, where, kind, headers=self._headers, **request)
        except Refused as refused:
            raise self._explained(refused) from refused

    def _log_in(self) -> dict[str, str]:
        """The header with the API key or a new token."""
        given = self._credentials
        if given.api_key:
            return {"X-AUTH-TOKEN": given.api_key}
        body = {"username": given.username, "password": given.password}
        try:
            tokens = self._remote.ask("POST", "/api/admin/login_check", TokensJson, json=body)
        except Refused as refused:
            raise self._explained(refused) from refused
        return {"Authorization": f"Bearer {tokens['token']}"}

    def _explained(self, refused: Refused) -> RemoteError:
        if refused.status != _UNAUTHORIZED:
            return refused
        who = "the API key" if self._credentials.api_key else f"the login of {self._credentials.username!r}"
        return RemoteError(
            f"The mock at {self._remote.url} refuses {who}: give --username and --password, or --api-key, of an admin."
        )
