"""The control plane's operations (control.yaml), by operationId; one module per tag."""

from mockserver.control import clock, faults, mock, requests
from mockserver.pipeline import Handler

OPERATIONS: dict[str, Handler] = {
    **mock.OPERATIONS,
    **clock.OPERATIONS,
    **faults.OPERATIONS,
    **requests.OPERATIONS,
}
