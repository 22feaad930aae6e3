"""Consent: which hosts a judge may send to without being told so, and which have to be named."""

import ipaddress
import re
from collections.abc import Iterable
from fnmatch import fnmatch

from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.instance_url import host_as_sent
from mockserver.errors import SettingsError

_TRIAL = re.compile(  # parts of the names of hosts that nobody earns money with; a public domain, `.dev` too, isn't one
    r"(^|[.-])(stag\w*|test\w*|dev\w*|qa\w*|uat|sandbox|demo|int|ci|preprod|pre|local|mock)\d*[.-]"
    r"|(^|\.)(test|invalid|example|local|example\.(com|net|org))$"  # reserved: RFC 2606, 6761, 6762
)


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone: nothing is resolved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_consent(host: str, agreed: Iterable[str]) -> None:
    """Raises SettingsError unless the host is this machine, or was agreed to: by its name, or, if the name says that it
    is for tests, by a pattern."""
    patterns = [host_as_sent(pattern) for pattern in agreed]
    if is_here(host) or host in patterns:
        return
    agreement = ("--yes-host", host)
    if not _TRIAL.search(host):
        raise SettingsError(
            f"{host} looks like production. If it isn't, name it exactly: {shell_lines.plain(agreement)}"
        )
    if not any(fnmatch(host, pattern) for pattern in patterns):
        raise SettingsError(
            f"{host} is not this machine. What would be sent is above; agree by {shell_lines.plain(agreement)}"
        )
