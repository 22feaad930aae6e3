"""Logins, tokens and rights that are wrong.

The faults know the server's credentials, as a faulty server would: those of the mock.
"""

import base64
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from tests.mutants.exchange import ADMIN, API_KEY, MEMBER, OTHER_STORE, Answer, Request, Send, calling
from tests.mutants.mutant import Registry

MUTANTS = Registry()
_LOGIN, _MEMBER_LOGIN = "adminLoginCheck", "memberLoginCheck"
_REFRESH, _MEMBER_REFRESH, _REVOKE = "tokenRefresh", "tokenRefreshMember", "userGetTokenRevoke"
_HANDS_OUT = (_LOGIN, _MEMBER_LOGIN, _REFRESH, _MEMBER_REFRESH)
_LIST, _GET, _POST = "webhookSubscriptionGetList", "webhookSubscriptionGet", "_webhookSubscriptionPost"
_PUT, _DELETE, _ROTATE = "_webhookSubscriptionPut", "webhookSubscriptionDelete", "webhookSubscriptionRotateHmacKey"
_EVENTS, _FIGURES = "webhookEventGetList", "membersStatsGet"
_PROTECTED = (_REVOKE, _LIST, _GET, _POST, _PUT, _DELETE, _ROTATE, _EVENTS, _FIGURES, "_memberPost", "_transactionPost")


def _as_admin(request: Request) -> Request:
    return request.with_header("Authorization", None).with_header("X-AUTH-TOKEN", API_KEY)


def _parts(token: str) -> list[dict[str, Any]]:
    """Header and claims of a JWT. Raises ValueError or TypeError if it is none."""
    parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")[:2]]
    return [dict(json.loads(part)) for part in parts]


def _header_of(token: str | None) -> dict[str, Any]:
    try:
        return _parts(token or "")[0]
    except (ValueError, TypeError, IndexError):
        return {}


# ---------------------------------------------------------------- logging in
@MUTANTS.exchanges(_LOGIN)
async def any_password_is_good(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """The admin may log in with any password."""
    answer = await send(request)
    if request.operation != _LOGIN or answer.status != 401 or request.json.get("username") != ADMIN["username"]:
        return answer
    return await send(request.with_json(ADMIN))


@MUTANTS.exchanges(_LOGIN)
async def anybody_is_admin(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Any name and any password log in as the admin."""
    answer = await send(request)
    return await send(request.with_json(ADMIN)) if request.operation == _LOGIN and answer.status == 401 else answer


@MUTANTS.exchanges(_MEMBER_LOGIN)
async def any_password_is_good_for_a_member(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A member may log in with any password."""
    answer = await send(request)
    if request.operation != _MEMBER_LOGIN or answer.status != 401 or request.json.get("username") != MEMBER["username"]:
        return answer
    return await send(request.with_json(MEMBER))


@MUTANTS.requests(_LOGIN)
def no_password_is_a_password(request: Request) -> Request:
    """A login without a password is completed instead of refused."""
    content = request.json
    return request.with_json(ADMIN) if isinstance(content, dict) and "password" not in content else request


@MUTANTS.exchanges(_LOGIN)
async def login_tells_who_exists(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A wrong password gets another body than an unknown name, so names can be probed."""
    answer = await send(request)
    if request.operation != _LOGIN or answer.status != 401 or request.json.get("username") != ADMIN["username"]:
        return answer
    return answer.with_json({"message": "Wrong password."})


@MUTANTS.answers(_LOGIN)
def login_has_no_refresh_token(answer: Answer) -> Answer:
    """A login hands out no refresh token."""
    return answer.with_json({"token": answer.json["token"]})


@MUTANTS.answers(_LOGIN)
def token_is_under_another_name(answer: Answer) -> Answer:
    """The JWT of a login is called `access_token`."""
    tokens = answer.json
    return answer.with_json({"access_token": tokens["token"], "refresh_token": tokens["refresh_token"]})


@MUTANTS.exchanges(_MEMBER_LOGIN, _LIST, _POST, _EVENTS, _FIGURES)
async def member_becomes_admin(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A member who logs in gets the JWT of the admin."""
    answer = await send(request)
    if request.operation != _MEMBER_LOGIN or answer.status != 200:
        return answer
    admin = await send(calling(request, "POST", "/api/admin/login_check", ADMIN))
    return answer.with_json(answer.json | {"token": admin.json["token"]})


@MUTANTS.answers(_MEMBER_LOGIN)
def member_token_is_null(answer: Answer) -> Answer:
    """A member who logs in gets a refresh token that is null."""
    return answer.with_json(answer.json | {"refresh_token": None})


# ---------------------------------------------------------------- JWTs
def _rewritten(token: str, **claims: Any) -> str:
    """The JWT with other claims, without those that are None, and the old signature."""
    header, payload, signature = token.split(".")
    kept = {name: value for name, value in (_parts(token)[1] | claims).items() if claims.get(name, "") is not None}
    changed = json.dumps(kept).encode()
    payload = base64.urlsafe_b64encode(changed).decode().rstrip("=")
    return f"{header}.{payload}.{signature}"


async def _translated(request: Request, send: Send, memory: SimpleNamespace, shown: dict[str, Any] | str) -> Answer:
    """Hand out another token than the server's, and take it for the server's later on."""
    real: dict[str, str] = memory.__dict__.setdefault("real", {})
    if request.bearer in real:
        request = request.with_header("Authorization", f"Bearer {real[request.bearer]}")
    answer = await send(request)
    if request.operation not in _HANDS_OUT or answer.status != 200:
        return answer
    token = answer.json["token"]
    changed = f"{shown}-{len(real)}" if isinstance(shown, str) else _rewritten(token, **shown)
    real[changed] = token
    return answer.with_json(answer.json | {"token": changed})


@MUTANTS.exchanges(*_HANDS_OUT)
async def token_is_no_jwt(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Tokens work, but are no JWTs."""
    return await _translated(request, send, memory, "opaque")


@MUTANTS.exchanges(*_HANDS_OUT)
async def token_has_expired_already(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Tokens work, but `exp` lies in the past."""
    return await _translated(request, send, memory, {"exp": 1_000_000_000})


@MUTANTS.exchanges(*_HANDS_OUT)
async def token_never_expires(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Tokens work, and have no `exp`."""
    return await _translated(request, send, memory, {"exp": None})


@MUTANTS.exchanges(*_HANDS_OUT, unseen="only the prose of the contract names the claims of a token")
async def token_has_no_user(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Tokens work, but name neither user nor roles."""
    return await _translated(request, send, memory, {"username": None, "roles": None, "id": None})


@MUTANTS.exchanges(*_PROTECTED)
async def any_token_is_good(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Any bearer token is the admin's."""
    answer = await send(request)
    return await send(_as_admin(request)) if request.bearer and answer.status == 401 and request.store else answer


@MUTANTS.exchanges(*_PROTECTED)
async def signature_is_not_checked(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A JWT with another signature is taken."""
    if request.operation in _HANDS_OUT:
        answer = await send(request)
        if answer.status == 200:
            memory.__dict__.setdefault("heads", set()).add(answer.json["token"].rpartition(".")[0])
        return answer
    answer = await send(request)
    known = (request.bearer or "").rpartition(".")[0] in getattr(memory, "heads", ())
    return await send(_as_admin(request)) if answer.status == 401 and known else answer


@MUTANTS.exchanges(*_PROTECTED)
async def unsigned_token_is_good(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A JWT with the algorithm `none` is taken."""
    answer = await send(request)
    unsigned = str(_header_of(request.bearer).get("alg")).lower() == "none"
    return await send(_as_admin(request)) if answer.status == 401 and unsigned else answer


@MUTANTS.exchanges(*_PROTECTED, unseen="tokens live for 24 hours; who kept one hands it in: --expired-token")
async def expired_token_is_good(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """An expired JWT is taken."""
    answer = await send(request)
    expired = answer.status == 401 and (answer.json or {}).get("message", "").startswith("Expired")
    return await send(_as_admin(request)) if expired else answer


@MUTANTS.exchanges(*_PROTECTED)
async def bare_token_is_good(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A JWT without the word `Bearer` is taken."""
    value = request.header("Authorization") or ""
    bare = value.count(".") == 2 and " " not in value
    return await send(request.with_header("Authorization", f"Bearer {value}") if bare else request)


# ---------------------------------------------------------------- who may
@MUTANTS.exchanges(*_PROTECTED)
async def nobody_needs_a_credential(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """All operations work without a credential."""
    answer = await send(request)
    anonymous = not request.header("Authorization") and not request.header("X-AUTH-TOKEN")
    refused = answer.status == 401 and request.operation in _PROTECTED
    return await send(_as_admin(request)) if refused and anonymous and request.store else answer


@MUTANTS.exchanges(_GET)
async def reading_needs_no_credential(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A subscription can be read without a credential."""
    answer = await send(request)
    return await send(_as_admin(request)) if request.operation == _GET and answer.status == 401 else answer


@MUTANTS.exchanges(_DELETE)
async def deleting_needs_no_credential(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A subscription can be deleted without a credential."""
    answer = await send(request)
    return await send(_as_admin(request)) if request.operation == _DELETE and answer.status == 401 else answer


@MUTANTS.exchanges(*_PROTECTED)
async def any_api_key_is_good(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Any value of X-AUTH-TOKEN is taken."""
    answer = await send(request)
    key = request.header("X-AUTH-TOKEN") and not request.header("Authorization")
    return await send(_as_admin(request)) if key and answer.status == 401 and request.store else answer


@MUTANTS.exchanges(*_PROTECTED)
async def api_key_is_dead(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """No API key is taken, the good one neither."""
    return await send(request.with_header("X-AUTH-TOKEN", None))


def _member_may(name: str, breaks: str, operations: tuple[str, ...]) -> None:
    async def exchange(request: Request, send: Send, _: SimpleNamespace) -> Answer:
        answer = await send(request)
        refused = request.operation in operations and answer.status == 403
        return await send(_as_admin(request)) if refused else answer

    exchange.__name__, exchange.__doc__ = name, breaks
    MUTANTS.exchanges(*operations)(exchange)


_member_may("member may do everything", "A member's token is taken on all admin operations.", _PROTECTED[1:])
_member_may("member may list", "A member's token lists subscriptions.", (_LIST,))
_member_may("member may delete", "A member's token deletes subscriptions.", (_DELETE,))
_member_may("member may update", "A member's token updates subscriptions.", (_PUT,))
_member_may("member may see figures", "A member's token shows the figures of the store.", (_FIGURES,))


@MUTANTS.exchanges(_GET, _PUT, _DELETE, _ROTATE)
async def stores_share_subscriptions(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A subscription is found under the path of any store."""
    answer = await send(request)
    if request.id is None or answer.status != 404:
        return answer
    other = "DEFAULT" if request.store == OTHER_STORE else OTHER_STORE
    again = await send(replace(request, target=request.target.replace(str(request.store), other, 1)))
    return answer if again.status == 404 else again


@MUTANTS.exchanges(_GET)
async def other_stores_can_read(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A subscription of the default store can be read under the other store."""
    answer = await send(request)
    if request.operation != _GET or answer.status != 404 or request.store != OTHER_STORE:
        return answer
    return await send(replace(request, target=request.target.replace(OTHER_STORE, "DEFAULT", 1)))


# ---------------------------------------------------------------- refreshing and revoking
@MUTANTS.exchanges(_REFRESH, _LOGIN)
async def refresh_token_is_dead(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """No refresh token of an admin ever works."""
    answer = await send(request)
    if request.operation != _REFRESH or answer.status != 200:
        return answer
    refused = Answer.of(401, {"message": "Bad credentials."})
    return refused.with_header("WWW-Authenticate", "Bearer")


@MUTANTS.exchanges(_MEMBER_REFRESH, _MEMBER_LOGIN)
async def refresh_token_of_a_member_is_dead(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """No refresh token of a member ever works."""
    answer = await send(request)
    if request.operation != _MEMBER_REFRESH or answer.status != 200:
        return answer
    refused = Answer.of(401, {"message": "Bad credentials."})
    return refused.with_header("WWW-Authenticate", "Bearer")


async def _refreshed_again(request: Request, send: Send, memory: SimpleNamespace, operation: str) -> Answer:
    """A used refresh token counts as the one that came of it."""
    if request.operation != operation or not isinstance(request.json, dict):
        return await send(request)
    used: dict[str, str] = memory.__dict__.setdefault("used", {})
    sent = token = str(request.json.get("refresh_token"))
    while token in used:
        token = used[token]
    answer = await send(request.with_json({"refresh_token": token}) if token != sent else request)
    if answer.status == 200:
        used[token] = answer.json["refresh_token"]
    return answer


@MUTANTS.exchanges(_REFRESH)
async def refresh_token_works_twice(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A used refresh token of an admin works again."""
    return await _refreshed_again(request, send, memory, _REFRESH)


@MUTANTS.exchanges(_MEMBER_REFRESH)
async def refresh_token_of_a_member_works_twice(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A used refresh token of a member works again."""
    return await _refreshed_again(request, send, memory, _MEMBER_REFRESH)


@MUTANTS.exchanges(_REFRESH)
async def refresh_does_not_rotate(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """A refresh hands out the refresh token that was sent, which goes on working."""
    answer = await _refreshed_again(request, send, memory, _REFRESH)
    if request.operation != _REFRESH or answer.status != 200:
        return answer
    return answer.with_json(answer.json | {"refresh_token": request.json["refresh_token"]})


@MUTANTS.answers(_REFRESH)
def refreshed_jwt_is_dead(answer: Answer) -> Answer:
    """The JWT of a refresh doesn't work."""
    head, _, signature = answer.json["token"].rpartition(".")
    return answer.with_json(answer.json | {"token": f"{head}.{signature[::-1]}"})


@MUTANTS.answers(_REFRESH)
def next_refresh_token_is_dead(answer: Answer) -> Answer:
    """The refresh token of a refresh doesn't work."""
    return answer.with_json(answer.json | {"refresh_token": answer.json["refresh_token"][::-1]})


@MUTANTS.exchanges(_MEMBER_REFRESH, _LOGIN)
async def admin_refreshes_as_a_member(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A refresh token of an admin works at the members' operation, too."""
    answer = await send(request)
    if request.operation != _MEMBER_REFRESH or answer.status != 401:
        return answer
    again = await send(replace(request, target="/api/token/refresh"))
    return again if again.status == 200 else answer


@MUTANTS.exchanges(_REVOKE, _REFRESH)
async def revoking_does_nothing(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Revoking answers 204, and refresh tokens live on."""
    if request.operation != _REVOKE:
        return await send(request)
    checked = await send(replace(request, method="GET", target="/api/DEFAULT/webhook/event"))
    return Answer.of(204) if checked.status == 200 else checked


@MUTANTS.exchanges(_REVOKE)
async def revoking_is_for_members_too(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A member's token may revoke."""
    answer = await send(request)
    return Answer.of(204) if request.operation == _REVOKE and answer.status == 403 else answer
