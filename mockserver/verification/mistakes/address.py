"""Method, host and path: those that the sender was told to call, whatever a proxy made of them."""

from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote, urlsplit

from mockserver.verification.case import Case, Mistake
from mockserver.verification.computation import Patch

SUBSCRIBED = (
    "Build the lines from the subscribed URL, kept in the receiver's configuration, not from what the request says "
    "behind a proxy."
)
HOST = f"The host is in lower case and without scheme and port. {SUBSCRIBED}"
PATH = f"The path is as the subscribed URL has it, without query string. {SUBSCRIBED}"
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal")  # noqa: S104 (a name to compare)
HOST_HEADERS = ("X-Forwarded-Host", "X-Original-Host", "X-Forwarded-Server", "Host", ":authority")
PATH_HEADERS = ("X-Forwarded-Uri", "X-Original-Uri", "X-Original-Url", "X-Rewrite-Url")


def _hosts(*hosts: str) -> list[Patch]:
    return [{"host": host} for host in hosts if host]


def _paths(*paths: str) -> list[Patch]:
    return [{"path": path} for path in paths]


def _authority(url: str) -> str:
    """Host and port as written."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _with_port(case: Case) -> list[Patch]:
    written = _authority(case.url)
    default = f"{case.base.host}:{DEFAULT_PORTS[urlsplit(case.url).scheme]}"
    return _hosts(written.lower(), written, default)


def _of_headers(case: Case) -> list[Patch]:
    """With and without the port; a list of proxies has the first one in front."""
    values = [case.captured.header(name).split(",")[0].strip() for name in HOST_HEADERS]
    return _hosts(*values, *(value.lower() for value in values), *map(_without_port, values))


def _without_port(host: str) -> str:
    return host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]


def _with_scheme(case: Case) -> list[Patch]:
    written = _authority(case.url)
    return _hosts(*(f"{scheme}://{host}" for scheme in DEFAULT_PORTS for host in (case.base.host, written)))


def _in_other_case(case: Case) -> list[Patch]:
    return _hosts(_without_port(_authority(case.url)), case.base.host.upper())


def _loopback(case: Case) -> list[Patch]:
    return _hosts(*LOOPBACK) if case.base.host in LOOPBACK else []


def _www(case: Case) -> list[Patch]:
    return _hosts(case.base.host.removeprefix("www."), f"www.{case.base.host}")


def _with_query(case: Case) -> list[Patch]:
    queries = {urlsplit(case.url).query, case.captured.target.partition("?")[2]} - {""}
    return _paths(*(f"{case.base.path}?{query}" for query in sorted(queries)), f"{case.base.path}?")


def _of_request(case: Case) -> list[Patch]:
    """What the request line and the headers of proxies name."""
    prefix = case.captured.header("X-Forwarded-Prefix").rstrip("/")
    targets = [case.captured.target, *(case.captured.header(name) for name in PATH_HEADERS)]
    paths = [path for target in targets if target for path in (target, target.partition("?")[0])]
    return _paths(*paths, *([prefix + case.base.path] if prefix else []))


def _with_other_slash(case: Case) -> list[Patch]:
    path = case.base.path
    return _paths(path[:-1] if path.endswith("/") else path + "/")


def _shortened(case: Case) -> list[Patch]:
    """Without one or more of the first segments: where an application is mounted, or what a proxy takes away."""
    segments = case.base.path.split("/")[1:]
    return _paths(*("/" + "/".join(segments[taken:]) for taken in range(1, len(segments))), "/")


def _in_other_encoding(case: Case) -> list[Patch]:
    path = case.base.path
    encoded = [quote(path, safe=safe) for safe in ("/", "/%", "")]
    return _paths(unquote(path), *encoded, quote(unquote(path)), quote(unquote(path)).lower(), unquote(path, "latin-1"))


def _merged(case: Case) -> list[Patch]:
    path = case.base.path
    return _paths("/" + "/".join(part for part in path.split("/") if part), path.removeprefix("/"), path.lower())


def _whole_url(case: Case) -> list[Patch]:
    parts = urlsplit(case.url)
    return _paths(case.url, f"{parts.scheme}://{parts.netloc}{parts.path}")


def _methods(*methods: str) -> Callable[[Case], Iterable[Patch]]:
    return lambda _: [{"method": method} for method in methods]


ADDRESS: tuple[Mistake, ...] = (
    Mistake("host-with-port", "the port behind the host", HOST, _with_port, by_sender=True),
    Mistake("host-of-headers", "the host that a header of the request names", HOST, _of_headers),
    Mistake("host-with-scheme", "the scheme before the host", HOST, _with_scheme, by_sender=True),
    Mistake("host-case", "the host in another case", HOST, _in_other_case),
    Mistake(
        "host-brackets",
        "the IPv6 address without its brackets",
        f"An IPv6 address keeps its brackets. {SUBSCRIBED}",
        lambda case: _hosts(case.base.host.strip("[]")),
        by_sender=True,
    ),
    Mistake("host-loopback", "another name of this machine", SUBSCRIBED, _loopback),
    Mistake("host-www", "the host with or without `www.`", SUBSCRIBED, _www),
    Mistake("path-with-query", "the query string behind the path", PATH, _with_query, by_sender=True),
    Mistake("path-trailing-slash", "a slash at the end of the path added or taken away", PATH, _with_other_slash),
    Mistake("path-decoded", "the percent-encoding of the path undone or done again", PATH, _in_other_encoding),
    Mistake("path-of-request", "the path that the request line or a proxy's header names", PATH, _of_request),
    Mistake("path-shortened", "the path without its first segments", PATH, _shortened),
    Mistake("path-slashes", "the path in lower case, or with fewer slashes", PATH, _merged),
    Mistake("path-empty", "an empty path", "An empty path is signed as `/`.", lambda _: _paths(""), by_sender=True),
    Mistake("path-whole-url", "the whole URL in place of the path", PATH, _whole_url, by_sender=True),
    Mistake(
        "method-case",
        "the method in lower case",
        "The method is in capitals.",
        _methods("post", "Post"),
        by_sender=True,
    ),
    Mistake(
        "method-wrong",
        "another method",
        "Deliveries are always POST: see whether a redirect or a proxy changed the method on its way.",
        _methods("POST", "GET", "PUT", "PATCH", "DELETE"),
    ),
)
