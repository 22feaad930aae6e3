"""The route to an instance: the proxy that requests pass, and whom TLS trusts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3

from mockserver.escaping import masked


@dataclass(frozen=True)
class NetworkRoute:
    """A route. `proxies` are by the scheme of the instance; they may hold passwords. `trusted` is a file of CAs,
    True for those that this machine trusts, and False to trust everybody."""

    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    trusted: bool | str = True

    @property
    def settings(self) -> dict[str, Any]:
        """The route as requests has it."""
        return {"proxies": dict(self.proxies), "verify": self.trusted}

    @property
    def passwords(self) -> list[str]:
        """The passwords of the proxies."""
        found = (urlsplit(proxy).password for proxy in self.proxies.values())
        return [form for password in found if password for form in {password, unquote(password)}]

    def notes(self, url: str) -> list[str]:
        """What a report should say of the way to an instance."""
        scheme = urlsplit(url).scheme
        proxy = self.proxies.get(scheme) or self.proxies.get("all")
        through = [f"requests passed the proxy {masked(proxy)}"] if proxy else []
        blind = ["TLS certificates were not verified (--insecure): anybody on the way could read and answer"]
        return through + (blind if self.trusted is False else [])


def route_to(
    url: str, *, proxy: str | None = None, ca_file: str | None = None, insecure: bool = False, direct: bool = False
) -> NetworkRoute:
    """The route to an instance: by these settings, else by those of the environment that requests knows, such as
    HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE. `direct` passes no proxy of the environment."""
    environment = requests.Session().merge_environment_settings(url, {}, None, None, None)
    proxies = {} if direct else {str(name): str(value) for name, value in environment["proxies"].items()}
    if insecure:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the report says it, once
    trusted = False if insecure else ca_file or environment["verify"] or True
    return NetworkRoute({"http": proxy, "https": proxy} if proxy else proxies, trusted)
