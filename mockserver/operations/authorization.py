"""Authorization: logging in, refreshing, logging out.

POST /api/admin/login_check · POST /api/{storeCode}/member/login_check · POST /api/token/refresh ·
POST /api/{storeCode}/token/refresh · GET /api/token/revoke
"""

from typing import Any

from mockserver.pipeline import Handler
from mockserver.world import World
from mockserver.world.auth import Principal, Tokens

Reply = tuple[object, int]
Body = dict[str, Any]


async def admin_login_check(world: World, body: Body, client: str) -> Reply:
    """Tokens for an admin."""
    return _reply(await world.auth.log_in("admin", None, body["username"], body["password"], client))


async def member_login_check(world: World, store_code: str, body: Body, client: str) -> Reply:
    """Tokens for a member of the store."""
    return _reply(await world.auth.log_in("member", store_code, body["username"], body["password"], client))


async def token_refresh(world: World, body: Body, client: str) -> Reply:
    """The next tokens of an admin."""
    return _reply(await world.auth.refresh("admin", None, body["refresh_token"], client))


async def token_refresh_member(world: World, store_code: str, body: Body, client: str) -> Reply:
    """The next tokens of a member of the store."""
    return _reply(await world.auth.refresh("member", store_code, body["refresh_token"], client))


async def user_get_token_revoke(world: World, principal: Principal) -> Reply:
    """End all refresh tokens of the caller."""
    await world.auth.revoke(principal)
    return None, 204


def _reply(tokens: Tokens) -> Reply:
    return {"token": tokens.token, "refresh_token": tokens.refresh_token}, 200


OPERATIONS: dict[str, Handler] = {
    "adminLoginCheck": admin_login_check,
    "memberLoginCheck": member_login_check,
    "tokenRefresh": token_refresh,
    "tokenRefreshMember": token_refresh_member,
    "userGetTokenRevoke": user_get_token_revoke,
}
