"""The findings about ids that creating hands out as new, and that aren't, or can't be proven to be."""

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.proof import OwnRecord
from mockserver.checks.transport.recording import Recording
from mockserver.openapi.resources import Call


def report_usurped(collector: FindingCollector, ownership: Ownership, recording: Recording) -> None:
    """Report each record that isn't proven to be this run's, and each id that another record has already."""
    for record, own in list(ownership.records.items()):
        if own.doubt is not None:
            message = f"{own.call.creates} {record} isn't proven to be that of a new record: {own.doubt.reason}"
            about = (own.call, *_blamed(ownership, own))
            _report(collector, recording, about, record, f"{message}. It was left as it is")
    for call, record in ownership.usurped:
        message = f"A new record got the id {record}, which another one has already"
        _report(collector, recording, (call, call, Promise.IDS_ARE_NEW), record, message)


def _blamed(ownership: Ownership, own: OwnRecord) -> tuple[Call, Promise]:
    """The operation and the promise that are broken: a record that is new shows something else than was sent."""
    resource = ownership.proof.resource(own.call)
    if own.doubt is None or not own.doubt.is_new or resource is None or resource.read is None:
        return own.call, Promise.IDS_ARE_NEW
    return resource.read, Promise.READS_BACK


def _report(
    collector: FindingCollector, recording: Recording, about: tuple[Call, Call, Promise], record: str, message: str
) -> None:
    create, blamed, promise = about
    details = {"message": message, "severity": "critical", "cause": "usurped"}
    found = recording.answering(create.id, str(create.creates), record)[-1:]
    steps = {"scenario": found[0].scenario, "exchanges": (found[0].number,)} if found else {}
    collector.broken_promise(blamed, promise, None, expected="an id of its own", **details, **steps)
