"""Consent: which hosts a judge may send to without being told so, and which have to be named."""

import ipaddress
import re
from collections.abc import Iterable
from fnmatch import fnmatch

from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.instance_url import host_as_sent
from mockserver.errors import SettingsError

_RESERVED = re.compile(r"(^|\.)(test|invalid|example|local|example\.(com|net|org))$")  # RFC 2606, 6761, 6762
_PRIVATE = frozenset({"internal", "intranet", "lan", "corp", "home", "private"})  # top domains that nobody can register
_SHARED = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})  # below the domain of a country
_SURE = "staging|stg|uat|(pre|non)-?prod|sandbox|dev|devel|development|qa"  # words of no other names
_TRIAL = re.compile(  # a label below somebody's domain: words, and at its end those that may mean something else
    rf"(^|-)({_SURE})\d*(-|$)|(^|-)({_SURE}|stage|tests?|testing|demo|int|ci|pre|mock)(-?\d+)?$|^local\d*$"
)
_TRIAL_DOMAIN = re.compile(rf"-({_SURE}|test)\d*$")  # whose name ends so; `test.com` may be anybody's


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone: nothing is resolved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_for_tests(host: str) -> bool:
    """Whether the name of a host says that nobody earns money with it, in a word that isn't somebody's name."""
    labels = host.rstrip(".").split(".")
    if _RESERVED.search(host):
        return True
    top = 1 if labels[-1] in _PRIVATE else 2
    is_of_a_country = len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in _SHARED  # noqa: PLR2004 (as their codes have)
    top += bool(is_of_a_country)
    own = labels[-top] if len(labels) >= top else ""
    return any(map(_TRIAL.search, labels[:-top])) or bool(_TRIAL_DOMAIN.search(own))


def check_consent(host: str, agreed: Iterable[str]) -> None:
    """Raises SettingsError unless the host is this machine, or was agreed to: by its name, or, if the name says that it
    is for tests, by a pattern."""
    patterns = [host_as_sent(pattern) for pattern in agreed]
    if is_here(host) or host in patterns:
        return
    agreement = ("--yes-host", host)
    if not is_for_tests(host):
        raise SettingsError(
            f"{host} looks like production. If it isn't, name it exactly: {shell_lines.plain(agreement)}"
        )
    if not any(fnmatch(host, pattern) for pattern in patterns):
        raise SettingsError(
            f"{host} is not this machine. What would be sent is above; agree by {shell_lines.plain(agreement)}"
        )
