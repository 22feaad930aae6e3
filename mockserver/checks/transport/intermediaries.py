"""Intermediaries: what answers in place of an instance, told by its answer, with the advice that fits."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import requests

from mockserver.checks.transport.gateway_failures import GATEWAY
from mockserver.checks.transport.pages import is_page
from mockserver.checks.transport.successes import succeeded
from mockserver.escaping import masked, visible
from mockserver.openapi.resources import Call

LONGEST_SHOWN = 80  # characters of what an intermediary says
PROXY_ADVICE = "give a name and a password, as in --proxy http://NAME:PASSWORD@HOST:PORT"
_REALM = re.compile(r'\bbasic\b(?:[^"]*?\brealm="([^"]*)")?', re.IGNORECASE)
_SCHEME = re.compile(r'\s*([A-Za-z][\w-]{0,30})\b(?:[^"]*?\brealm="([^"]*)")?')
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)
_LOGIN = re.compile(r"<form|type=.?password|log ?in|sign ?in|anmeld", re.IGNORECASE)


def in_front(response: requests.Response, call: Call) -> str:
    """What answers a call in place of the instance, in words; empty if it may be the instance itself."""
    status = response.status_code
    if response.is_redirect:
        return _redirect(response, call)
    if status == requests.codes.proxy_authentication_required:
        return f"the proxy asks for authentication{_realm(response, 'Proxy-Authenticate')}: {PROXY_ADVICE}"
    if status in GATEWAY:
        return "the gateway in front of the instance doesn't reach it: is the instance up?"
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        return _gate(response)
    return f"{_page(response)} answers{_title(response)}" if succeeded(response) and is_page(response) else ""


def _redirect(response: requests.Response, call: Call) -> str:
    """A redirect leads to the instance's own address, or to a login."""
    asked = str(response.request.url) if response.request is not None else ""
    try:
        target = urljoin(asked, response.headers["Location"])
        parts = urlsplit(target)
    except ValueError:
        return f"it redirects to {_shown(response.headers['Location'])}, which is no address"
    steps = parts.path.split("/")
    if steps[-1:] == call.path.split("/")[-1:] and parts.scheme in ("http", "https"):
        base = "/".join(steps[: -call.path.count("/")])
        return f"it redirects: give --url {_shown(f'{parts.scheme}://{parts.netloc}{base}')}"
    return f"it redirects to {_shown(target)}: a login page? What asks there may want --header or --basic"


def _gate(response: requests.Response) -> str:
    """Who refuses with a challenge for anything but a token, or with a page, isn't the API."""
    gate, sent = "a gate in front of the instance", _sent(response)
    challenge = response.headers.get("WWW-Authenticate", "")
    if not _REALM.search(challenge):
        scheme = _SCHEME.match(challenge)
        if scheme and scheme[1].lower() != "bearer":
            return f"{gate} asks for {_shown(scheme[1])} authentication{_realm_of(scheme[2])}: it may want --header"
        page = f"{gate} refuses{_title(response)}: it may want --header or --basic"
        return page if is_page(response) else ""
    if sent.startswith("Basic "):
        return f"{gate} refuses the name and password of --basic{_realm(response)}"
    asks = f"{gate} asks for Basic authentication{_realm(response)}"
    if sent.startswith("Bearer "):
        return (
            f"{asks}, where the token of the API stands already, and a request has one Authorization: use --api-key "
            "with --basic, or let the gate take a --header"
        )
    return f"{asks}: give --basic"


def _sent(response: requests.Response) -> str:
    value = response.request.headers.get("Authorization", "") if response.request is not None else ""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _realm(response: requests.Response, header: str = "WWW-Authenticate") -> str:
    found = _REALM.search(response.headers.get(header, ""))
    return _realm_of(found[1] if found else None)


def _realm_of(name: str | None) -> str:
    return f' (realm "{_shown(name)}")' if name else ""


def _page(response: requests.Response) -> str:
    return "a login page" if _LOGIN.search(response.text) else "a page, perhaps of a login,"


def _title(response: requests.Response) -> str:
    found = _TITLE.search(response.text) if is_page(response) else None
    title = " ".join(unescape(found[1]).split()) if found else ""
    return f' (title "{_shown(title)}")' if title else ""


def _shown(text: str) -> str:
    text = masked(text) if "://" in text else text
    return visible(text[:LONGEST_SHOWN])
