"""Assumptions that a finding can refute: those whose own claim is what was tried, not all at the same place."""

from collections.abc import Collection, Iterable, Mapping

KEYS = frozenset({"examples_work", "response_schema_conformance:required"})  # that the keys of an object are there
TESTED_BY: Mapping[str, frozenset[str]] = {
    "A01": frozenset({"unknown_store"}),
    "A02": frozenset({"list_refuses", "accepted_parameters"}),
    "A03": frozenset({"list_filters:400", "accepted_parameters:additionalProperties"}),
    "A04": frozenset({"list_sorts:400", "accepted_parameters:additionalProperties"}),
    "A05": frozenset({"malformed_body"}),
    "A06": frozenset({"member_refused"}),
    "A07": frozenset({"bad_token:an unknown API key"}),
    "A09": frozenset({"refresh_once", "revoked"}),
    "A10": frozenset({"refresh_apart"}),
    "A11": KEYS,
    "A12": KEYS | {"secret_when_issued"},
    "A13": frozenset({"secret_when_issued", "update_keeps"}),
    "A14": frozenset({"reads_back:None"}),
    "A16": frozenset({"renewing_works", "limit_holds", "response_headers_conformance:429"}),
    "A17": frozenset({"accepted_body:enum", "accepted_body:format", "accepted_body:pattern"}),
    "A18": frozenset({"accepted_body:additionalProperties"}),
    "A19": frozenset({"update_replaces"}),
    "A22": KEYS | {"media_type", "huge_body"},
    "A24": frozenset({"response_schema_conformance:type"}),
    "A31": frozenset({"identifiers_are_new:2xx"}),
    "A33": frozenset({"response_schema_conformance:format", "response_schema_conformance:pattern"}),
    "A34": frozenset({"identifiers_are_new:4xx"}),
    "A35": frozenset({"problems_told"}),
    **dict.fromkeys([f"A{number}" for number in range(76, 88)], KEYS),
}
"""What tests each assumption of our contract: a promise, or a promise and what was seen, which is a status, a class of
statuses, a keyword of JSON Schema, or a value. docs/assumptions.md shows the same."""


def refuted(marks: Iterable[str], promise: str, seen: Collection[str]) -> str | None:
    """The first assumption of the place whose claim was what was tried; None if there is none."""
    tried = {promise, *(f"{promise}:{one}" for one in seen)}
    return next((mark for mark in marks if tried & TESTED_BY.get(mark, frozenset())), None)
