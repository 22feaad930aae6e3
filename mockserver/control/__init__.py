"""Handlers of the control plane (control.yaml) by operationId, one module per tag."""

from mockserver.control import clock, deliveries, events, faults, mock, receivers, requests, stream
from mockserver.pipeline import Handler

OPERATIONS: dict[str, Handler] = {
    **mock.OPERATIONS,
    **clock.OPERATIONS,
    **events.OPERATIONS,
    **receivers.OPERATIONS,
    **deliveries.OPERATIONS,
    **faults.OPERATIONS,
    **requests.OPERATIONS,
    **stream.OPERATIONS,
}
