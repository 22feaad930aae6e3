"""The findings about ids that creating hands out as new, and that aren't, or can't be proven to be."""

from collections.abc import Mapping
from typing import Any

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.proof import OwnRecord
from mockserver.checks.transport.recording import Recording
from mockserver.openapi.resources import Call


def report_unproven(collector: FindingCollector, ownership: Ownership, recording: Recording) -> None:
    """Report each record that isn't proven to be this run's, and each id that another record has already."""
    for (_, record), own in list(ownership.records.items()):
        if own.doubt is not None:
            message = f"{own.call.creates} {record} isn't proven to be that of a new record: {own.doubt.reason}"
            steps = _steps(recording, own.call, record)
            _report(collector, *_blamed(ownership, own), f"{message}. It was left as it is", steps)
    for call, record in ownership.taken_ids:
        message = f"A new record got the id {record}, which another one has already"
        _report(collector, call, Promise.IDS_ARE_NEW, message, _steps(recording, call, record))


def _blamed(ownership: Ownership, own: OwnRecord) -> tuple[Call, Promise]:
    """The operation and the promise that are broken: a record that is new shows something else than was sent."""
    resource = ownership.proof.resource(own.call)
    if own.doubt is None or not own.doubt.is_new or resource is None or resource.read is None:
        return own.call, Promise.IDS_ARE_NEW
    return resource.read, Promise.READS_BACK


def _steps(recording: Recording, create: Call, record: str) -> dict[str, Any]:
    """Where the recording has the answer that handed the id out."""
    found = recording.answering(create.id, str(create.creates), record)[-1:]
    return {"scenario": found[0].scenario, "exchanges": (found[0].number,)} if found else {}


def _report(
    collector: FindingCollector, blamed: Call, promise: Promise, message: str, steps: Mapping[str, Any]
) -> None:
    details = {"message": message, "severity": "critical", "cause": "foreign id"}
    collector.broken_promise(blamed, promise, None, expected="an id of its own", **details, **steps)
