"""The address of who is judged, and what follows from it: this machine is treated as hard as it goes, others kindly."""

from dataclasses import KW_ONLY, dataclass
from urllib.parse import urlsplit

from mockserver.checks.transport import consent
from mockserver.checks.transport.rate_limiting import parse_rate

POLITE_RATE = "10/s"  # where the host is not this machine


@dataclass(frozen=True)
class JudgedAddress:
    """The options that every judge of a server has: its address, the rate, and whether it gets hostile requests. None
    of these two is what the address says. Raises SettingsError for a rate that is none."""

    url: str = ""
    _: KW_ONLY
    rate: str | None = None
    hostile: bool | None = None
    yes_host: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rate is not None:
            parse_rate(self.rate)

    @property
    def host(self) -> str:
        """The host that is judged, without its port."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return consent.is_here(self.host)

    @property
    def is_hostile(self) -> bool:
        """Whether it gets what nobody sends by mistake: null bytes, unexpected methods, huge bodies, bursts."""
        return self.is_here if self.hostile is None else self.hostile

    @property
    def requests_a_second(self) -> float | None:
        """The rate; None is as fast as it answers."""
        if self.rate is None:
            return None if self.is_here else parse_rate(POLITE_RATE)
        return parse_rate(self.rate)

    def planned(self, *, sends_hostile: bool = True) -> list[str]:
        """The line of a plan where the address names this machine: a tunnel or a forwarded port may lead to one that
        others share, and nothing tells. `sends_hostile` is whether the judge has such requests."""
        if not self.is_here:
            return []
        is_hostile, is_fast = sends_hostile and self.is_hostile, self.requests_a_second is None
        hard = [*(["any rate"] if is_fast else []), *(["hostile requests"] if is_hostile else [])]
        options = [*(["--rate 10/s"] if is_fast else []), *(["--no-hostile"] if is_hostile else [])]
        advice = f"; behind a tunnel to a shared instance, give {' '.join(options)}" if options else ""
        return [f"host        counts as this machine: {', '.join(['no consent', *hard])}{advice}"]

    def check_consent(self) -> None:
        """Raises SettingsError unless the host is this machine, or was agreed to."""
        consent.check_consent(self.host, self.yes_host)
