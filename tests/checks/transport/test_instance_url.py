"""The URL of an instance: however it is written, it is the one that requests have."""

import pytest
import requests

from mockserver.checks.transport.instance_url import BaseUrl, address_of, as_sent, host_as_sent

WRITTEN = [
    ("http://127.0.0.1:1/%7Eacme", "http://127.0.0.1:1/~acme"),
    ("http://127.0.0.1:1/loyal ty/", "http://127.0.0.1:1/loyal%20ty"),
    ("http://127.0.0.1:1/caf%c3%a9", "http://127.0.0.1:1/caf%C3%A9"),
    ("http://127.0.0.1:1/café", "http://127.0.0.1:1/caf%C3%A9"),
    ("http://127.0.0.1:1/x/../y", "http://127.0.0.1:1/y"),
    ("http://127.0.0.1:1/x/%2e%2e/y", "http://127.0.0.1:1/y"),
    ("http://127.0.0.1:1/a%2Db//", "http://127.0.0.1:1/a-b"),
    ("HTTP://LOCALHOST:1", "http://localhost:1"),
    ("https://OL.Staging.MÜLLER.test/", "https://ol.staging.xn--mller-kva.test"),
    ("http://shop.test\\.localhost/", "http://shop.test/%5C.localhost"),
]


@pytest.mark.parametrize(("written", "sent"), WRITTEN)
def test_a_url_is_that_of_its_requests(written: str, sent: str) -> None:
    """Whatever is asked for below it begins with it, and so do URLs that were written that way already."""
    base = BaseUrl(written)
    asked = str(requests.Request("GET", f"{written.rstrip('/')}/api/é").prepare().url)

    assert (base.url, as_sent(base.url)) == (sent, sent)
    assert base.path_below(str(requests.Request("GET", f"{sent}/api/é").prepare().url)) == "/api/%C3%A9"
    assert base.leads_to(asked)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1/ola/api",
        "http://localhost:1/api",
        "http://localhost:2/ol/api",
        "https://localhost:1/ol/api",
        "http://localhost.test:1/ol/api",
        "http://localhost:1@elsewhere.test/ol/api",
        "http://localhost:no/ol/api",
    ],
)
def test_what_only_looks_like_it_is_not_below(url: str) -> None:
    """Another path, port, scheme or host."""
    assert BaseUrl("http://localhost:1/ol").path_below(url) is None


def test_a_port_may_be_left_out() -> None:
    """That of the scheme is the same."""
    base = BaseUrl("https://ol.test:443")

    assert (base.path_below("https://ol.test/api"), base.path_below("https://OL.test:443")) == ("/api", "")


def test_a_pattern_of_hosts_is_written_alike() -> None:
    """As the host of the URL that it is compared with."""
    assert host_as_sent("*.MÜLLER.Test") == "*.xn--mller-kva.test"


@pytest.mark.parametrize(
    "text", ["", "shop.test", "ftp://shop.test", "http://[", "http://shop.test/?a=1", "http://a\tb"]
)
def test_anything_else_is_no_address(text: str) -> None:
    """Of another scheme, without a host, or with a query."""
    with pytest.raises(ValueError, match=r"."):
        address_of(text)
