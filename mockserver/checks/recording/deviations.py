"""Deviations: each is one way in which a recorded request or answer leaves the contract."""

from dataclasses import dataclass

from mockserver.checks.findings.promises import Promised


@dataclass(frozen=True)
class Deviation:
    """A deviation. `message` says what is wrong, `expected` what would be right, `seen` what was there, without the
    value.

    `lacks` is what wasn't there, `where` file and line of the contract, `assumption` the number of the one that is
    refuted. Deviations of an operation with the same `cause` are one finding; with the same `shared`, those of all
    operations. `blame` is who has to change: the instance, the gateway, the contract, or the client. `value` is a value
    that an enumeration doesn't have, behind its field.
    """

    promise: Promised
    message: str
    expected: str = ""
    seen: str = ""
    lacks: str = ""
    where: str = ""
    severity: str = "high"
    cause: str = ""
    shared: str = ""
    assumption: str | None = None
    blame: str = "instance"
    value: str = ""
