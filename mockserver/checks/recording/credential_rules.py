"""Rules about the credentials of recorded requests: without one an operation that needs one gets no success.

Who records may have left them out: Chrome leaves out cookies and `Authorization`, unless it is told to keep them. So a
credential is only missed where others of its kind are in the recording.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Finding
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.recording.deviations import Deviation
from mockserver.checks.recording.entries import Entry
from mockserver.checks.recording.parameter_values import fields_of
from mockserver.checks.recording.request_rules import is_accepted
from mockserver.checks.recording.tally import Tally
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call

AUTHORIZATION, COOKIE = "authorization", "cookie"
_LEFT_OUT = frozenset({AUTHORIZATION, COOKIE})  # by some recorders
Kinds = frozenset[str]


class _Scheme(NamedTuple):
    """Where a credential stands: in a header, or in a field of the query."""

    header: str = ""
    field: str = ""


class CredentialRules:
    """The rules about the credentials of one contract, and what they found."""

    def __init__(self, contract: Contract, locations: SourceLocations) -> None:
        self._contract, self._locations = contract, locations
        self._seen: dict[str, set[str]] = {}  # kinds of credentials, by file
        self._missed: dict[tuple[str, Kinds], Tally] = {}

    def see(self, entry: Entry) -> None:
        """Take note of the credentials of a request."""
        self._seen.setdefault(entry.file, set()).update(name for name in _LEFT_OUT if entry.header(name))

    def judge(self, call: Call, entry: Entry) -> None:
        """Judge a request of an operation."""
        if not is_accepted(entry.status) or call.public:
            return
        alternatives = [[self._scheme(name) for name in one] for one in call.operation.security]
        fields = fields_of(entry.address.query if entry.address else "")
        if any(all(_is_there(scheme, entry, fields) for scheme in schemes) for schemes in alternatives):
            return
        kinds = frozenset(scheme.header for schemes in alternatives for scheme in schemes) & _LEFT_OUT
        tally = self._missed.setdefault((entry.file, kinds), Tally())
        tally.add(call, entry, self._deviation(call))

    @property
    def findings(self) -> Iterator[Finding]:
        """The findings of what can be judged."""
        judged = Tally()  # a cause is one finding, in however many files it is
        for (file, kinds), tally in self._missed.items():
            if kinds <= self._seen.get(file, set()):
                judged.absorb(tally)
        return judged.findings

    @property
    def unjudged(self) -> int:
        """How many requests can't be judged, as the recording has no credentials of their kind."""
        left = (tally for (file, kinds), tally in self._missed.items() if not kinds <= self._seen.get(file, set()))
        return sum(finding.count for tally in left for finding in tally.findings)

    def _deviation(self, call: Call) -> Deviation:
        return Deviation(
            Promise.IGNORED_AUTH,
            "A request without a credential was accepted",
            expected="a 401",
            seen="no credential",
            where=self._locations.of_call(call),
            severity="critical",
            cause="no credential",
        )

    def _scheme(self, name: str) -> _Scheme:
        scheme = self._contract.security_scheme(name)
        if scheme.get("type") == "mutualTLS":
            return _Scheme()
        if scheme.get("type") != "apiKey":
            return _Scheme(AUTHORIZATION)
        match scheme.get("in"):
            case "query":
                return _Scheme(field=str(scheme.get("name")))
            case "cookie":
                return _Scheme(COOKIE)
            case _:
                return _Scheme(str(scheme.get("name")).lower())


def _is_there(scheme: _Scheme, entry: Entry, fields: Mapping[str, list[str]]) -> bool:
    if scheme.header:
        return bool(entry.header(scheme.header))
    return not scheme.field or bool(fields.get(scheme.field))
