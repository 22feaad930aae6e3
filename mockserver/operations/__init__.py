"""Handlers by operationId, one module per tag of the contract. An operation without one is served from its examples."""

from mockserver.operations import analytics, authorization, member, transactions, webhook_event, webhook_subscription
from mockserver.pipeline import Handler

OPERATIONS: dict[str, Handler] = {
    **authorization.OPERATIONS,
    **webhook_event.OPERATIONS,
    **webhook_subscription.OPERATIONS,
    **analytics.OPERATIONS,
    **member.OPERATIONS,
    **transactions.OPERATIONS,
}
