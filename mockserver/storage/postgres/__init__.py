"""State on PostgreSQL, which several mocks share. It needs the extra `postgres`, and is imported only where it is used.

Each intention is one statement, or one short transaction. Those that add a record read `stores` in the same statement;
what replaces all records locks that table first. So an addition is done wholly before a reset, or wholly after it.
"""

from mockserver.storage.postgres.address import Address
from mockserver.storage.postgres.deliveries import (
    LEASE,
    DeliveryTables,
    HistoryFigures,
    KeptDelivery,
    Lease,
    QueueFigures,
    Settled,
    TakenDelivery,
    numbers_of,
)
from mockserver.storage.postgres.faults import STRUCK, FaultRow, FaultTable
from mockserver.storage.postgres.schema import Replica, begin, keep_fact, read_fact
from mockserver.storage.postgres.state import PostgresState

__all__ = [
    "LEASE",
    "STRUCK",
    "Address",
    "DeliveryTables",
    "FaultRow",
    "FaultTable",
    "HistoryFigures",
    "KeptDelivery",
    "Lease",
    "PostgresState",
    "QueueFigures",
    "Replica",
    "Settled",
    "TakenDelivery",
    "begin",
    "keep_fact",
    "numbers_of",
    "read_fact",
]
