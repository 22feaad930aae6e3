"""Authentication and authorisation: passwords, tokens, refresh tokens and API keys, good and bad ones; and a member's
limits."""

import base64
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.answer_shapes import required_of, schema_of
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.effects import Effects
from mockserver.checks.transport.jwt_claims import Claims, claims
from mockserver.checks.transport.operation_request import as_member
from mockserver.checks.transport.refusals import is_refusal
from mockserver.checks.transport.session import (
    API_KEY,
    MEMBER_TOKEN,
    TOKEN,
    Session,
    issued,
    login_properties,
    token_properties,
)
from mockserver.checks.transport.successes import succeeded
from mockserver.checks.wording import joined
from mockserver.openapi.resources import Call

UNKNOWN = "mockserver-check-unknown"


class AuthenticationScenarios:
    """Scenarios of logins and credentials."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector, self._surface = context, context.collector, context.surface

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        yield "bad tokens", self._bad_tokens
        sessions, passes = self._context.sessions, self._context.plan.options.credentials.tokens_pass
        for call in self._context.plan.allowed:
            if not call.public and (call.record is None or call in self._context.plan.calls):
                yield f"nobody at {call.id}", partial(self._nobody, call)
                if MEMBER_TOKEN in sessions and passes and "403" in call.operation.responses:
                    yield f"a member at {call.id}", partial(self._member, call)

    def login_scenarios(self) -> Iterator[Scenario]:
        """Names and attempts at logins and refreshes, of which a host takes only so many a minute."""
        for placeholder, session in self._context.sessions.items():
            if self._context.can_call(session.login):
                whose = "member" if placeholder == MEMBER_TOKEN else "admin"
                yield f"bad passwords, {whose}", partial(self._bad_passwords, session)
                refresh = self._surface.refresh_of(session.login)
                if refresh is not None and self._context.can_call(refresh):
                    yield f"refreshing, {whose}", partial(self._refreshing, session, refresh)

    # ---------------------------------------------------------------- passwords
    def _bad_passwords(self, session: Session) -> None:
        name, secret = login_properties(self._surface, session.login)
        good, responses = session.login_body(), list[str]()
        for what, body in (
            ("a wrong password", {name: good[name], secret: UNKNOWN}),
            ("an unknown user", {name: UNKNOWN, secret: good[secret]}),
            ("the name as password", {name: good[name], secret: good[name]}),
        ):
            response = self._context.send(session.login, session.arguments, headers={}, json=body)
            responses.append(response.text)
            if succeeded(response):
                severity = "critical" if issued(self._surface, session.login, response)[0] else "medium"
                self._broken_promise(
                    session.login, Promise.BAD_PASSWORD, response, f"{what} is accepted", "401", severity=severity
                )
            elif response.status_code != requests.codes.unauthorized:
                self._broken_promise(
                    session.login, Promise.BAD_PASSWORD, response, f"{what} gets {response.status_code}", "401"
                )
        if responses[0] != responses[1]:
            message = "a wrong password and an unknown user get different answers, so names can be probed"
            self._broken_promise(
                session.login, Promise.BAD_PASSWORD, response, message, responses[0], got=responses[1], cause="probing"
            )

    # ---------------------------------------------------------------- refreshing
    def _is_told(self, login: Call, response: requests.Response) -> bool:
        """Whether a success without a refresh token breaks the schema, which is told by itself."""
        name, status = token_properties(self._surface, login)[1], str(response.status_code)
        content = self._context.content(response)
        needed = required_of(self._surface.contract, schema_of(self._surface, login, status))
        return bool(content) and name not in content and name in needed

    def _refreshing(self, session: Session, refresh: Call) -> None:
        response = session.log_in_again()
        self._context.keep_response(session.login, response)
        access, first = issued(self._surface, session.login, response)
        self._is_jwt(session.login, response, access)
        if first is None:
            if not self._is_told(session.login, response):
                message = "a login hands out no refresh token"
                self._broken_promise(session.login, Promise.REFRESHING, response, message, "a refresh token")
            return
        response = self._renew(session, refresh, first)
        access, second = issued(self._surface, session.login, response)
        if access is None or second is None:
            self._broken_promise(
                refresh,
                Promise.REFRESHING,
                response,
                "a fresh refresh token isn't accepted",
                "200",
                severity="critical",
            )
            return
        self._opens(session, refresh, access)
        self._once_each(session, refresh, (first, second))
        unknown = self._renew(session, refresh, UNKNOWN)
        if unknown.status_code != requests.codes.unauthorized:
            message = "an unknown refresh token isn't refused"
            severity = "critical" if issued(self._surface, session.login, unknown)[0] else "medium"
            self._broken_promise(refresh, Promise.REFRESHING, unknown, message, "401", severity=severity)

    def _once_each(self, session: Session, refresh: Call, tokens: tuple[str, str]) -> None:
        """A refresh token that was used is dead, the one that came in its place works, and only where it was issued."""
        mark = self._collector.locations.assumptions_of_call(refresh)
        again = self._renew(session, refresh, tokens[0])
        if succeeded(again):
            self._broken_promise(
                refresh, Promise.REFRESH_ONCE, again, "a refresh token works twice", "401", assumption=mark
            )
        third = self._renew(session, refresh, tokens[1])
        if not succeeded(third):
            self._broken_promise(
                refresh, Promise.REFRESHING, third, "the token of a refresh isn't accepted", "200", assumption=mark
            )
        self._elsewhere(session, refresh, issued(self._surface, session.login, third)[1])

    def _is_jwt(self, call: Call, response: requests.Response, token: str | None) -> None:
        """A token is what the security scheme says it is, and good for a while."""
        schemes = self._surface.contract.document.get("components", {}).get("securitySchemes", {}).values()
        formats = [self._surface.contract.resolved(scheme).get("bearerFormat") for scheme in schemes]
        if "JWT" not in formats or token is None:
            return
        if message := wrong_with(claims(token)):
            where, mark = self._collector.locations.of_value(call, "200", [token_properties(self._surface, call)[0]])
            self._broken_promise(call, Promise.TOKEN_IS_JWT, response, message, "a JWT", where=where, assumption=mark)

    def _renew(self, session: Session, refresh: Call, token: str) -> requests.Response:
        body = session.refresh_body(token)
        return self._context.send(refresh, self._context.plan.tenant(refresh), headers={}, json=body)

    def _opens(self, session: Session, refresh: Call, access: str) -> None:
        """The token of a refresh is as good as that of a login: an admin can read with it."""
        call = self._simple
        if call is not None and session is self._context.sessions.get(TOKEN):
            response = self._context.send(
                call, self._context.plan.tenant(call), headers={"Authorization": f"Bearer {access}"}
            )
            if not succeeded(response):
                self._broken_promise(
                    refresh,
                    Promise.REFRESHING,
                    response,
                    "the token of a refresh doesn't work",
                    "200",
                    severity="critical",
                )

    def _elsewhere(self, session: Session, refresh: Call, token: str | None) -> None:
        """A refresh token works only where it was handed out: not in another store, and not for others."""
        self._in_other_store(refresh, session, token)
        for login in self._surface.logins:
            other = self._surface.refresh_of(login)
            if token and other is not None and other.id != refresh.id and self._context.can_call(other):
                response = self._renew(session, other, token)
                if succeeded(response):
                    mark = self._collector.locations.assumptions_of_call(other)
                    message = f"a refresh token of {session.login.path} is accepted"
                    self._broken_promise(
                        other, Promise.REFRESH_APART, response, message, "401", assumption=mark, severity="critical"
                    )

    def _in_other_store(self, refresh: Call, session: Session, token: str | None) -> None:
        here, store = self._context.plan.tenant(refresh), self._context.plan.options.other_store
        if not token or not store or not here:
            return
        body = session.refresh_body(token)
        response = self._context.send(refresh, dict.fromkeys(here, store), headers={}, json=body)
        if succeeded(response):
            mark = self._collector.locations.assumptions_of_call(refresh)
            details = {"assumption": mark, "severity": "critical", "cause": "another store"}
            message = "a refresh token works in another store"
            self._broken_promise(refresh, Promise.REFRESH_APART, response, message, "401", **details)

    # ---------------------------------------------------------------- tokens
    @property
    def _simple(self) -> Call | None:
        """An operation that needs a credential, and nothing else."""
        safe = (
            call for call in self._context.plan.allowed if not call.public and not call.changes and call.record is None
        )
        return next(safe, None)

    def _bad_tokens(self) -> None:
        call, session = self._simple, self._context.sessions.get(TOKEN)
        if call is None:
            return
        passes = self._context.plan.options.credentials.tokens_pass
        bad = {"no JWT at all": "nonsense", "an empty token": ""} if passes else {}
        if session is not None:
            bad |= _forged(session.token())
            self._is_refused(call, "a token without the word Bearer", {"Authorization": session.token()})
        for what, token in bad.items():
            self._is_refused(call, what, {"Authorization": f"Bearer {token}"})
        for name in self._key_headers():
            self._is_refused(call, "an unknown API key", {name: UNKNOWN})
            if self._context.plan.options.credentials.api_key is not None:
                response = self._context.send(call, self._context.plan.tenant(call), headers={name: API_KEY})
                if not succeeded(response):
                    self._broken_promise(
                        call, Promise.GOOD_KEY, response, "the API key isn't accepted", "200", severity="critical"
                    )

    def _key_headers(self) -> Iterator[str]:
        schemes = self._surface.contract.document.get("components", {}).get("securitySchemes", {}).values()
        resolved = (self._surface.contract.resolved(scheme) for scheme in schemes)
        return (one["name"] for one in resolved if one.get("type") == "apiKey" and one.get("in") == "header")

    def _is_refused(self, call: Call, what: str, headers: Mapping[str, str]) -> None:
        response = self._context.send(call, self._context.plan.tenant(call), headers=headers)
        if not is_refusal(call, "401", response.status_code):
            mark = self._collector.locations.assumptions_of_response(call, "401") if not succeeded(response) else None
            severity = "critical" if Effects(self._context, None).tells(response) else "medium"
            message = f"{what} isn't refused with a 401"
            self._broken_promise(
                call, Promise.BAD_TOKEN, response, message, "401", severity=severity, assumption=mark, cause=what
            )

    # ---------------------------------------------------------------- revoking
    def last_scenarios(self) -> Iterator[Scenario]:
        """Names and attempts that end sessions, so they come last."""
        session = self._context.sessions.get(TOKEN)
        for call in self._context.plan.calls:
            if call.account_wide and session is not None and set(call.tags) & set(session.login.tags):
                yield f"access: {call.id}", partial(self._revoking, session, call)

    def _revoking(self, session: Session, call: Call) -> None:
        """After logging out everywhere, a refresh token from before is dead."""
        refresh = self._surface.refresh_of(session.login)
        token = issued(self._surface, session.login, session.log_in_again())[1]
        response = self._context.send(call, self._context.plan.tenant(call))
        if refresh is None or token is None or not succeeded(response):
            return
        if succeeded(after := self._renew(session, refresh, token)):
            mark = self._collector.locations.assumptions_of_call(call)
            message = "a refresh token works after all of them were ended"
            self._broken_promise(call, Promise.REVOKED, after, message, "401", severity="critical", assumption=mark)

    # ---------------------------------------------------------------- others
    def _nobody(self, call: Call) -> None:
        response, severity = self._try(call, {})
        if response is not None and not is_refusal(call, "401", response.status_code):
            message = "without a credential there is no 401"
            self._broken_promise(call, Promise.NO_CREDENTIAL, response, message, "401", severity=severity)

    def _member(self, call: Call) -> None:
        response, severity = self._try(call, as_member())
        if response is not None and response.status_code != requests.codes.forbidden:
            mark = None if succeeded(response) else self._collector.locations.assumptions_of_response(call, "403")
            message = "a member's token isn't refused"
            self._broken_promise(
                call, Promise.MEMBER_REFUSED, response, message, "403", severity=severity, assumption=mark
            )

    def _try(self, call: Call, headers: Mapping[str, str]) -> tuple[requests.Response | None, str]:
        """The response to somebody else who names a record of ours, and how severe it is if that is no refusal; None
        if no record could be made."""
        arguments: dict[str, Any] = self._context.plan.tenant(call)
        resource = None
        if call.record is not None:
            resource = next((one for one in self._surface.resources if call.path.startswith(one.delete.path)), None)
            record = self._context.substitutes.spare(call, arguments, refused=True) if resource else None
            if resource is not None and record is None:
                return None, ""  # who gets in can't be told without something to get at
            arguments[call.record] = record or self._context.ownership.unknown_id(call)
        effects = Effects(self._context, resource)
        body, text = effects.telling_body(call)
        response = self._context.send(call, arguments, headers=headers, json=body)
        return response, _severity(response, has_effect=effects.seen(call, response, arguments, text))

    def _broken_promise(
        self, call: Call, promise: Promise, response: requests.Response, message: str, expected: str, **details: Any
    ) -> None:
        self._collector.broken_promise(call, promise, response, expected=expected, message=message, **details)


def _severity(response: requests.Response, *, has_effect: bool) -> str:
    """How bad it is that a response is no refusal, or another one than the contract says."""
    if has_effect:
        return "critical"
    return "medium" if succeeded(response) else "low"


def wrong_with(said: Claims) -> str:
    """The reason why a new token is no JWT that is good for a while; empty if it is one."""
    if not said.content:
        return "the token is no JWT"
    if said.odd:
        return f"the token's {joined(said.odd)} is no time in seconds since 1970"
    if said.expires is None:
        return "the token has no `exp`, so it never expires"
    return "the token has expired when it is handed out" if said.lifetime is not None and said.lifetime <= 0 else ""


def _forged(token: str) -> dict[str, str]:
    """Tokens that look good, and aren't."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 (a JWT)
        return {}
    header, payload, signature = parts
    said = claims(token).content
    flipped = ("A" if signature[:1] != "A" else "B") + signature[1:]
    ended = {**said, "exp": 1_000_000_000, "iat": 999_999_999}
    return {
        "a token with another signature": f"{header}.{payload}.{flipped}",
        "a token with other claims": f"{header}.{_encoded({**said, 'username': UNKNOWN})}.{signature}",
        "a token signed by nobody": f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "an expired token signed by nobody": f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(ended)}.",
        "a token without its signature": f"{header}.{payload}.",
    }


def _encoded(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
