"""The deliveries of events: each event goes to every subscription of its store and name, with at most one retry.

`DeliveryService` promises that an operation never waits for a receiver, that the deliveries of a subscription keep
their order, and that the egress policy holds for every connection. Faults are handed in as `DeliveryFault`s; nothing in
here knows where they come from. The sender is imported with the first delivery.
`SharedDeliveries`, which several mocks share, is imported from its module, as it needs an extra.
"""

from mockserver.webhooks.deliveries.deliveries import Backlog, Deliveries, DeliverySources, Standing, Ticket
from mockserver.webhooks.deliveries.egress_policy import Resolver, resolve
from mockserver.webhooks.deliveries.history import FILTERS
from mockserver.webhooks.deliveries.records import Attempt, Delivery
from mockserver.webhooks.deliveries.request_builder import DeliveryFault, DeliveryFaults, is_faulty_delivery
from mockserver.webhooks.deliveries.service import DeliveryService

__all__ = [
    "FILTERS",
    "Attempt",
    "Backlog",
    "Deliveries",
    "Delivery",
    "DeliveryFault",
    "DeliveryFaults",
    "DeliveryService",
    "DeliverySources",
    "Resolver",
    "Standing",
    "Ticket",
    "is_faulty_delivery",
    "resolve",
]
