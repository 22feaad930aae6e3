"""Every event goes to every subscription of its store and name, is repeated once if need be, and is remembered.

`Deliveries` promises that whoever causes an event never waits for a receiver, that the deliveries of a subscription
keep their order, and that nothing goes where it isn't allowed to. What shall go wrong on purpose is handed in as
`DeliveryFault`s; nothing in here knows where they come from. What sends is imported with the first delivery.
"""

from mockserver.webhooks.deliveries.egress_policy import Resolver, resolve
from mockserver.webhooks.deliveries.headers import MARK, MOST_CUSTOM, reason_against, violations_of
from mockserver.webhooks.deliveries.history import FILTERS
from mockserver.webhooks.deliveries.records import Attempt, Delivery
from mockserver.webhooks.deliveries.request_builder import DeliveryFault, is_spoilt
from mockserver.webhooks.deliveries.service import Deliveries, Ticket

__all__ = [
    "FILTERS",
    "MARK",
    "MOST_CUSTOM",
    "Attempt",
    "Deliveries",
    "Delivery",
    "DeliveryFault",
    "Resolver",
    "Ticket",
    "is_spoilt",
    "reason_against",
    "resolve",
    "violations_of",
]
