"""Transactions: purchases and returns.

POST /api/{storeCode}/transaction
"""

from typing import Any

from mockserver.pipeline import Handler
from mockserver.world import World
from mockserver.world.registration import register_transaction


async def transaction_post(world: World, store_code: str, body: dict[str, Any]) -> tuple[object, int]:
    """Register a transaction and match it to a member, if it names one."""
    stored = await register_transaction(world, store_code, body["transaction"])
    return {"transactionId": stored.transaction_id}, 200


OPERATIONS: dict[str, Handler] = {"_transactionPost": transaction_post}
