"""Options of access: headers, Basic authentication and a proxy for what stands in front of a server."""

import re
import ssl
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from mockserver.errors import SettingsError
from mockserver.escaping import masked

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e\xa0-\xff]([\x20-\x7e\xa0-\xff\t]*[\x21-\x7e\xa0-\xff])?")
OF_EVERY_JUDGE: Mapping[str, str] = {  # names that no header may have, in lower case, each with the reason
    "proxy-authorization": "use --proxy http://NAME:PASSWORD@HOST:PORT",
    "host": "it is the one of --url",
    "user-agent": "it names the run",
} | dict.fromkeys(
    ("content-length", "content-type", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade"),
    "it belongs to each request",
)
OF_THE_API: Mapping[str, str] = {
    "authorization": "use --basic, or the credentials of the API",
    "x-auth-token": "use --api-key",
}


def parse_header(line: str, taken: Mapping[str, str] = OF_THE_API) -> tuple[str, str]:
    """Name and value of a header as a line has them. `taken` has the names, in lower case, that are not for gates, with
    the reasons. Raises SettingsError, which doesn't show the value."""
    name, colon, value = line.partition(":")
    name, value = name.strip(), value.strip(" \t")
    if not colon or not _NAME.fullmatch(name):
        raise SettingsError("--header must be like 'Name: value', with a name as HTTP allows it.")
    if not _VALUE.fullmatch(value):
        raise SettingsError(f"--header {name} needs a value of visible characters (Latin-1) in one line.")
    if reason := {**OF_EVERY_JUDGE, **taken}.get(name.lower()):
        raise SettingsError(f"--header can't be {name}: {reason}.")
    return name, value


def parse_headers(lines: Iterable[str], taken: Mapping[str, str] = OF_THE_API) -> tuple[tuple[str, str], ...]:
    """Names and values of headers. Raises SettingsError, also for a name that is there twice."""
    headers = tuple(parse_header(line, taken) for line in lines)
    names = [name.lower() for name, _ in headers]
    if twice := next((name for name, _ in headers if names.count(name.lower()) > 1), None):
        raise SettingsError(f"--header {twice} is given twice.")
    return headers


def check_basic(basic: str | None) -> None:
    """Raises SettingsError, which doesn't show the value, unless it is a name and a password with a colon between."""
    if basic is not None and (":" not in basic or not basic.isprintable()):
        raise SettingsError("--basic must be like name:password.")


def check_route(proxy: str | None, ca_file: str | None, *, insecure: bool) -> None:
    """Raises SettingsError for a proxy or a file that can't be used."""
    if proxy is not None:
        try:
            parts = urlsplit(proxy)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise SettingsError(f"--proxy must be like http://host:3128, not {masked(proxy)!r}.")
    if ca_file is not None and insecure:
        raise SettingsError("--ca-file says whom to trust, and --insecure to trust everybody: give one of them.")
    if ca_file is not None and not _has_certificates(ca_file):
        raise SettingsError(f"--ca-file {ca_file} is no file of certificates (PEM).")


def _has_certificates(path: str) -> bool:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        return False
    return True
