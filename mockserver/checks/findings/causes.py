"""Causes of findings: one cause is one finding, wherever and however often it shows.

A response that is wrong in one way is wrong in others, too: only the first is told. What several scenarios find at one
place is told once, and so is what one scenario finds at many places.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any
from urllib.parse import unquote

from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import SEVERITIES, Finding
from mockserver.checks.transport.gateway_failures import GATEWAY
from mockserver.checks.wording import joined
from mockserver.openapi.declared_answers import declared_response, declared_type
from mockserver.openapi.resources import Call

CONFORMANCE = (
    Promise.STATUS_CODE_CONFORMANCE,
    Promise.CONTENT_TYPE_CONFORMANCE,
    Promise.RESPONSE_HEADERS_CONFORMANCE,
    Promise.RESPONSE_SCHEMA_CONFORMANCE,
)
FEW = 2  # findings of one promise at one operation that are told one by one
_SAME_AS: Mapping[str, tuple[Promise, ...]] = {  # what is found, and the promises by which the same is found first
    Promise.USE_AFTER_FREE: (Promise.DELETE_DELETES,),
    Promise.ENSURE_RESOURCE_AVAILABILITY: (Promise.READS_BACK,),
    Promise.IGNORED_AUTH: (Promise.NO_CREDENTIAL, Promise.BAD_TOKEN),
    Promise.BAD_TOKEN: (Promise.NO_CREDENTIAL,),
    Promise.MEMBER_REFUSED: (Promise.NO_CREDENTIAL,),  # who lets everybody in looks at nobody
    Promise.POSITIVE_DATA_ACCEPTANCE: (Promise.EXAMPLES_WORK,),
    Promise.NEGATIVE_DATA_REJECTION: (Promise.FORBIDDEN_BODY, Promise.LIST_REFUSES),
    Promise.UNSUPPORTED_METHOD: (Promise.RESPONSE_HEADERS_CONFORMANCE,),
}
_OF_A_VALUE = frozenset(  # promises that a value breaks if its schema doesn't hold, or another promise about it
    (
        *(
            Promise.EXAMPLES_WORK,
            Promise.READS_BACK,
            Promise.IDS_FIT,
            Promise.LIST_IS_CURRENT,
            Promise.TIME_OF_CREATION,
        ),
        *(Promise.LIST_PAGES, Promise.LIST_COUNTS, Promise.LIST_SORTS, Promise.LIST_FILTERS, Promise.LIST_REFUSES),
    )
)
_NOT_REFUSED = "invalid credentials aren't refused with a 401 or 403"
_TRAITS = {  # what servers stumble over
    "a null character": re.compile("\0"),
    "half of a surrogate pair": re.compile("[\ud800-\udfff]|\\\\u[dD][89a-fA-F]"),
    "a control character": re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]"),
    "a character beyond U+FFFF": re.compile("[\U00010000-\U0010ffff]"),
}


def first_wrong(call: Call, status: int, media_type: str) -> Promise | None:
    """The first thing that is wrong with a response, but for its headers and its schema; None if nothing is."""
    if status >= 500:  # noqa: PLR2004 (5xx)
        return Promise.NOT_A_SERVER_ERROR
    response = declared_response(call.operation.responses, status)
    if response is None:
        return Promise.STATUS_CODE_CONFORMANCE
    if response.media_types and media_type and declared_type(response.media_types, media_type) is None:
        return Promise.CONTENT_TYPE_CONFORMANCE
    return None


def follows(check: str, first: Promise | None, status: int) -> bool:
    """Whether a failed check only follows from what is wrong first with the same response: all of them where it is no
    success, else those of its form."""
    return first is not None and check != first and (status >= 300 or check in CONFORMANCE)  # noqa: PLR2004 (after 2xx)


def shared_key(call: Call, check: str, status: int, media_type: str) -> str:
    """The key of a failure that belongs to no operation in particular; empty if it belongs to this one."""
    if check == Promise.CONTENT_TYPE_CONFORMANCE:
        return f"answers {media_type or 'no media type'}"
    if check == Promise.UNSUPPORTED_METHOD:
        return f"answers {status} to undeclared methods"  # which never reach an operation
    if check == Promise.ALLOW_HEADER_CONFORMANCE:
        return "Allow"
    if status in GATEWAY or 300 <= status < 400:  # noqa: PLR2004 (a redirect)
        return "" if str(status) in call.operation.responses else f"answers {status}"
    return ""


def severity_of(check: str, given: str, status: int) -> str:
    """How severe a failed check of fuzzing is: who gets another refusal than a 401 doesn't get in."""
    gets_in = status < 300 or check != Promise.IGNORED_AUTH  # noqa: PLR2004 (a success)
    return given if gets_in else "low"


def traits(texts: Iterable[str]) -> frozenset[str]:
    """What is odd about the texts of a request, in words."""
    text = " ".join(map(unquote, texts))
    if text.isascii() and text.isprintable() and "\\u" not in text:
        return frozenset()  # nearly always, and much faster than to search
    return frozenset(name for name, pattern in _TRAITS.items() if pattern.search(text))


def merged(findings: Iterable[Finding], wide: Collection[str]) -> list[Finding]:
    """The findings, one for each cause. `wide` are lines of the contract at which several causes have room: those of
    operations and their responses."""
    found = _without_followers(sorted(findings, key=_rank), wide)
    found = _joined(found, _trait_key, _by_trait)
    found = _joined(found, _many_key, _of_many, more_than=FEW)
    found = _joined(found, _status_key, _of_status, more_than=FEW)
    found = _joined(found, _attempt_key(found), _of_attempt, more_than=FEW)
    found = _joined(found, _credential_key, _of_credentials)
    return _joined(found, _anywhere_key, _at_many)


def of_one_status(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, with one in place of those that several operations answer one undeclared status."""
    return _joined(list(findings), _status_key, _of_status, more_than=FEW)


# ---------------------------------------------------------------- what follows from another finding
def _without_followers(findings: list[Finding], wide: Collection[str]) -> list[Finding]:
    """The findings that stand for themselves, with those that follow from them: what fuzzing finds from what a scenario
    finds, and what is wrong with a value from its schema."""
    kept, leads = list[Finding](), _Leads(findings, wide)
    followers = defaultdict[str, list[Finding]](list)
    for finding in findings:
        lead = leads.of(finding)
        if lead is None:
            kept.append(finding)
        else:
            followers[lead.id].append(finding)
    return [reduce(_led, followers[finding.id], finding) for finding in kept]


class _Leads:
    """The findings that others can follow from."""

    def __init__(self, findings: Iterable[Finding], wide: Collection[str]) -> None:
        findings = list(findings)
        self._order = {finding.id: position for position, finding in enumerate(findings)}
        self._at: dict[tuple[str, str], Finding] = {}
        self._narrow: dict[str, Finding] = {}
        for finding in findings:
            for operation in finding.operations:
                self._at.setdefault((finding.check, operation), finding)
            if finding.where not in wide:
                self._narrow.setdefault(finding.where, finding)

    def of(self, finding: Finding) -> Finding | None:
        """The finding from which this one follows; None if it stands for itself."""
        same = [self._at.get((promise, finding.operation)) for promise in _SAME_AS.get(finding.check, ())]
        if finding.check in _OF_A_VALUE:
            same.append(self._narrow.get(finding.where))
        lead = next((one for one in same if one is not None and self._leads(one, finding)), None)
        return None if lead is None else self.of(lead) or lead

    def _leads(self, lead: Finding, finding: Finding) -> bool:
        """Whether a finding can stand for another one: it comes first, is as severe and as known, and saw the same kind
        of answer."""
        as_severe = SEVERITIES.index(lead.severity) <= SEVERITIES.index(finding.severity)
        most = 3 if lead.check == Promise.RESPONSE_HEADERS_CONFORMANCE else 1  # a header belongs to one status
        saw_the_same = not lead.got or not finding.got or lead.got[:most] == finding.got[:most]
        is_first = self._order[lead.id] < self._order[finding.id] and lead.accepted == finding.accepted
        return is_first and as_severe and (saw_the_same or finding.check in _OF_A_VALUE)


def _rank(finding: Finding) -> tuple[int, str]:
    """The order in which findings of one value or parameter lead: its schema, its own promise, all others."""
    own = (Promise.RESPONSE_SCHEMA_CONFORMANCE, Promise.TIME_OF_CREATION, Promise.NO_CREDENTIAL, *Promise)
    return own.index(Promise(finding.check)), finding.id


def _led(lead: Finding, follower: Finding) -> Finding:
    """A finding with another one that follows from it."""
    places = tuple(sorted({*lead.operations, *follower.operations}))
    return replace(lead, count=lead.count + follower.count, places=places, includes=(*lead.includes, follower.id))


# ---------------------------------------------------------------- what many findings have in common
def _joined(
    findings: list[Finding],
    key_of: Callable[[Finding], Hashable | None],
    one_of: Callable[[list[Finding]], Finding],
    more_than: int = 1,
) -> list[Finding]:
    """One finding for all with the same key, where there are more than so many; those without a key stay."""
    groups = defaultdict[Hashable, list[Finding]](list)
    for finding in findings:
        groups[(key := key_of(finding)) is None, finding.id if key is None else key].append(finding)
    return list(_told(groups.values(), one_of, more_than))


def _told(
    groups: Iterable[list[Finding]], one_of: Callable[[list[Finding]], Finding], more_than: int
) -> Iterator[Finding]:
    for group in groups:
        if len(group) > more_than:
            whole = one_of(sorted(group, key=lambda one: (len(one.curl), one.operation, one.message)))
            parts = {name for one in group for name in (one.id, *one.parts)}
            includes = {name for one in group for name in one.includes}
            yield replace(whole, parts=tuple(sorted(parts)), includes=tuple(sorted(includes)))
        else:
            yield from group


def _trait_key(finding: Finding) -> Hashable | None:
    told = finding.shared or finding.accepted
    return (finding.check, finding.cause, min(finding.traits)) if finding.traits and not told else None


def _by_trait(group: list[Finding]) -> Finding:
    trait = min(group[0].traits)
    one = reduce(Finding.seen_as, group)
    return replace(one, message=f"{one.message}: where a text has {trait}", shared=f"{one.cause} {trait}")


def _many_key(finding: Finding) -> Hashable | None:
    told = finding.shared or finding.accepted or finding.check in (*CONFORMANCE, Promise.NOT_A_SERVER_ERROR)
    return None if told else (finding.check, finding.operation, finding.assumption)


def _of_many(group: list[Finding]) -> Finding:
    """One finding for many ways in which an operation breaks a promise, each of which is in its message and its id."""
    one = reduce(Finding.seen_as, group)
    messages = sorted({other.message for other in group})
    first = [one.message, *(message for message in messages if message != one.message)]  # that of the example
    shown = [*first[:FEW], f"{len(first) - FEW} more"] if len(first) > FEW + 1 else first
    return replace(one, message="; ".join(shown), severity=_severest(group), shared=f"{one.operation}: {messages}")


def _status_key(finding: Finding) -> Hashable | None:
    told = finding.shared or finding.accepted or finding.check != Promise.STATUS_CODE_CONFORMANCE
    return None if told else (finding.message, finding.got[:3])


def _of_status(group: list[Finding]) -> Finding:
    """One finding for a status that several operations answer and none declares: whoever answers has a habit."""
    one = reduce(Finding.seen_as, group)
    return replace(one, severity=_severest(group), shared=f"answers {one.got[:3]}")


def _credential_key(finding: Finding) -> Hashable | None:
    """The key of requests whose invalid credentials aren't refused as such: who looks at them is no operation."""
    told = finding.shared or finding.accepted or finding.check != Promise.IGNORED_AUTH
    return None if told else finding.check


def _of_credentials(group: list[Finding]) -> Finding:
    """One finding for many operations that don't refuse invalid credentials; one of the worst is the example."""
    worst = _severest(group)
    return _at_many(
        [replace(one, message=_NOT_REFUSED, curl=one.curl if one.severity == worst else "") for one in group]
    )


def _attempt_key(findings: Iterable[Finding]) -> Callable[[Finding], Hashable | None]:
    """The key of a 5xx: the attempt that brings it about at most operations, as what they share has the defect."""
    findings = [one for one in findings if one.check == Promise.NOT_A_SERVER_ERROR and one.attempts]
    spread = Counter(attempt for one in findings for attempt in one.attempts)

    def key_of(finding: Finding) -> Hashable | None:
        told = finding.shared or finding.accepted or finding not in findings
        return None if told else (finding.got[:3], max(finding.attempts, key=lambda one: (spread[one], one)))

    return key_of


def _of_attempt(group: list[Finding]) -> Finding:
    one = reduce(Finding.seen_as, group)
    attempt = min(frozenset.intersection(*(other.attempts for other in group)))
    return replace(one, message=f"Server error at many operations: {attempt}", shared=f"{one.got[:3]} {attempt}")


def _anywhere_key(finding: Finding) -> Hashable | None:
    told = finding.shared or finding.accepted or finding.check in (*CONFORMANCE, Promise.NOT_A_SERVER_ERROR)
    return None if told else (finding.check, finding.message, _answer(finding), finding.assumption)


def _answer(finding: Finding) -> str:
    """The kind of answer that a finding saw: its status, but that all successes are one, as what is taken is a 200 here
    and a 204 there."""
    return finding.got[:1] if finding.got.startswith("2") else finding.got[:3]


def _at_many(group: list[Finding]) -> Finding:
    """One finding for many operations that break a promise in the same way; a further one makes it another."""
    one = reduce(Finding.seen_as, group)
    return replace(one, severity=_severest(group), shared=f"{one.message} at {joined(one.operations)}")


def _severest(group: Iterable[Finding]) -> str:
    return min((one.severity for one in group), key=SEVERITIES.index)


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a request's parts, names of properties too."""
    if isinstance(value, bytes):
        yield value.decode("utf-8", "surrogateescape")
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from (*texts_of(name), *texts_of(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)
