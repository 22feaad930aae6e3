"""Warning about default credentials and an open control plane, for a mock that other machines can reach."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, ip_address

from mockserver.settings import Settings, environment_variable

KNOWN = {
    "api_key": "the default API key",
    "admin_password": "the default password of the admin",
    "member_password": "the default password of the member",
}


def warning(
    settings: Settings,
    address: str,
    *,
    has_users: bool = True,
    openings: Sequence[tuple[str, str]] = (),
    what: str = "mock",
) -> str:
    """Warning of a mock that listens at this address, with the option that closes each opening; empty if there is none,
    or if only this machine reaches the address. `has_users` is False if the mock accepts any credential; `openings` are
    further ones, of `what` isn't a mock.
    """
    openings = [] if _is_loopback(address) else [*openings, *_openings(settings, has_users=has_users)]
    if not openings:
        return ""
    width = max(len(opening) for opening, _ in openings)
    lines = [f"  {opening:{width}}  {advice}" for opening, advice in openings]
    return "\n".join([f"Warning: other machines can reach this {what} at {address}, and it is open to", *lines])


def _openings(settings: Settings, *, has_users: bool) -> Iterator[tuple[str, str]]:
    """Each opening with the advice that closes it."""
    for name, what in KNOWN.items() if has_users else ():
        if getattr(settings, name) == Settings.default(name):
            yield f"{what}:", _advice(name)
    if settings.control and settings.control_token is None:
        yield "anybody who calls /_mock:", f"{_advice('control_token')}, or take --no-control"


def _advice(name: str) -> str:
    return f"set --{name.replace('_', '-')} or {environment_variable(name)}"


def _is_loopback(address: str) -> bool:
    found = ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback
