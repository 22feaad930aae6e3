"""Transactions: purchases and returns.

POST /api/{storeCode}/transaction
"""

from functools import partial
from typing import Any

from mockserver.pipeline import Handler
from mockserver.storage.model import Transaction
from mockserver.webhooks.payloads import transaction_assigned, transaction_registered
from mockserver.world import World


async def transaction_post(world: World, store_code: str, body: dict[str, Any]) -> tuple[object, int]:
    """Register a transaction and match it to a member, if it names one."""
    transaction = Transaction(
        transaction_id=world.ids.uuid(),
        store_code=store_code,
        created_at=world.clock.now(),
        customer_id=None,
        data=body["transaction"],
    )
    stored = await world.state.add_transaction(transaction, world.ids.uuid)
    await world.emit("TransactionRegistered", store_code, partial(transaction_registered, stored))
    if stored.customer_id is not None:
        member = await world.state.member(store_code, stored.customer_id)
        await world.emit("TransactionAssignedToCustomer", store_code, partial(transaction_assigned, stored, member))
    return {"transactionId": stored.transaction_id}, 200


OPERATIONS: dict[str, Handler] = {"_transactionPost": transaction_post}
