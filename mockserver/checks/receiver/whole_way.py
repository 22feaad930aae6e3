"""The check of the whole way: a mock that runs somewhere sends to the receiver, and its receipts are judged."""

from dataclasses import replace

from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from mockserver.checks.receiver.courier import Reply
from mockserver.checks.receiver.hook_request import HookRequest
from mockserver.checks.receiver.sending_mock import Receipt, SendingMock
from mockserver.checks.receiver.trial import Trial
from mockserver.errors import MockserverError

SPOILT = {
    "wrongSignature": "a delivery with a wrong signature",
    "staleTimestamp": "a delivery with an old timestamp",
    "corruptBody": "a delivery with a corrupt body",
}


def whole_way(trial: Trial) -> None:
    """Every event as a mock sends it, and what its faults spoil."""
    if trial.mock is None:
        trial.card.not_judged(P.WHOLE_WAY, "no --against-mock sends by itself", asked=False)
        return
    try:
        _judge(trial, trial.mock)
    except MockserverError as error:
        trial.card.not_judged(P.WHOLE_WAY, str(error))


def _judge(trial: Trial, mock: SendingMock) -> None:
    for name in trial.payloads.names:
        if name in trial.refuses_events:
            continue
        reply = _reply(trial, mock, name, mock.deliver(name), f"a delivery of {name}")
        trial.holds(P.WHOLE_WAY, reply, "a 2xx", good=reply.accepts)
    for effect, what in SPOILT.items():
        reply = _reply(trial, mock, trial.event_name, mock.deliver(trial.event_name, effect), what)
        trial.holds(P.WHOLE_WAY, reply, "a 4xx", good=reply.refuses)
    if trial.effects.can_be_seen:
        receipt, change = trial.effects.around(lambda: mock.deliver(trial.event_name, "duplicate"))
        reply = _reply(trial, mock, trial.event_name, receipt, "a delivery that is sent twice")
        trial.has_effect(P.WHOLE_WAY, reply.request, change, 1, "a delivery that is sent twice")
    trial.leaves_out_refused(P.WHOLE_WAY)


def _reply(trial: Trial, mock: SendingMock, event: str, receipt: Receipt, what: str) -> Reply:
    trial.await_effects()
    trial.delivered += 1
    shown = f"mockserver deliveries {receipt.delivery_id} --server {mock.url}"
    request = replace(HookRequest(trial.options.url, b""), what=what, event=event, shown=shown)
    error = "" if receipt.status else receipt.text
    text = receipt.text if receipt.status else ""
    return Reply(request, receipt.status, text=text, error=error, redact=trial.courier.redact)
