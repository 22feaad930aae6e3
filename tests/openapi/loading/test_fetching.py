"""mockserver.openapi.loading.fetching: a contract on the web makes this machine ask its own server, for a while."""

from collections.abc import Iterator
from itertools import count

import pytest

from mockserver.deadlines import Network
from mockserver.errors import ContractError
from mockserver.openapi.loading import load
from mockserver.openapi.loading.fetching import Location, Web
from tests.support import web as servers
from tests.support.web import Endless, Moved, serving

CONTRACT = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n"


@pytest.fixture
def web() -> Iterator[servers.Web]:
    """The server of a contract."""
    with serving() as server:
        yield server


@pytest.fixture
def other() -> Iterator[servers.Web]:
    """Another server, which nobody is to ask; it has a contract, too."""
    with serving() as server:
        server.files["/openapi.yaml"] = CONTRACT
        yield server


def _refused(url: str, asks: Web | None = None) -> str:
    with pytest.raises(ContractError) as caught:
        load(url, web=asks)
    return str(caught.value)


ELSEWHERE = [
    "{other}/openapi.yaml",
    "//127.0.0.1:{port}/openapi.yaml",
    "http://localhost:{own}/openapi.yaml",
    "http://127.0.0.1:{own}@127.0.0.1:{port}/openapi.yaml",
    "http://user:password@127.0.0.1:{own}/openapi.yaml",
    "https://127.0.0.1:{own}/openapi.yaml",
    "https://127.0.0.1/openapi.yaml",
    "http://127.0.0.1:{port}\\@127.0.0.1:{own}/openapi.yaml",
    "http:\\\\127.0.0.1:{port}/openapi.yaml",
    "http:/\\127.0.0.1:{port}/openapi.yaml",
    "http://127.1:{own}/openapi.yaml",
    "http://0:{own}/openapi.yaml",
    "http://[::1]:{own}/openapi.yaml",
    "http://127.0.0.1.:{own}/openapi.yaml",
    "ftp://127.0.0.1:{own}/openapi.yaml",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "data:,x",
]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("hops", [0, 1, 2])
def test_no_redirect_leads_to_another_server(web: servers.Web, other: servers.Web, status: int, hops: int) -> None:
    """A redirect to another server isn't followed, at whichever hop, by whichever status."""
    for hop in range(hops):
        web.files[f"/{hop}"] = Moved(f"/{hop + 1}", status)
    web.files[f"/{hops}"] = Moved(f"{other.url}/openapi.yaml", status)

    message = _refused(f"{web.url}/0")

    assert f"it redirects to another server. If you trust that, give its URL: {other.url}/openapi.yaml" in message
    assert other.asked == []


def _written(form: str, web: servers.Web, other: servers.Web) -> str:
    return form.format(own=web.server_port, port=other.server_port, other=other.url)


@pytest.mark.parametrize("form", ELSEWHERE)
def test_no_form_of_redirect_leads_elsewhere(web: servers.Web, other: servers.Web, form: str) -> None:
    """Whatever form a URL has, it leads to the same server, or isn't followed."""
    web.files |= {"/a": Moved(_written(form, web, other)), "/openapi.yaml": CONTRACT}

    message = _refused(f"{web.url}/a")

    assert message.startswith(f"{web.url}/a can't be fetched: it redirects to ")
    assert (web.asked, other.asked) == (["/a"], [])
    assert "\n" not in message


@pytest.mark.parametrize("form", ELSEWHERE)
def test_no_form_of_reference_leads_elsewhere(web: servers.Web, other: servers.Web, form: str) -> None:
    """The same holds for references, directly or by a redirect of what they lead to."""
    schemas = f"components: {{schemas: {{A: {{$ref: '{_written(form, web, other)}'}}, B: {{$ref: moved.yaml}}}}}}\n"
    web.files |= {"/openapi.yaml": CONTRACT + schemas, "/moved.yaml": Moved(_written(form, web, other))}

    message = _refused(f"{web.url}/openapi.yaml")
    web.files["/openapi.yaml"] = CONTRACT + "components: {schemas: {B: {$ref: moved.yaml}}}\n"
    moved = _refused(f"{web.url}/openapi.yaml")

    assert message.startswith(f"{web.url}/openapi.yaml:4: the reference ")
    assert "it redirects to " in moved
    assert other.asked == []


def test_redirects_on_the_same_server_are_followed(web: servers.Web) -> None:
    """A redirect to another path of the same server is followed, five times at most."""
    web.files |= {f"/{hop}": Moved(f"/{hop + 1}") for hop in range(6)} | {"/6": CONTRACT}

    assert load(f"{web.url}/1").content["paths"] == {}
    assert "it redirects too often" in _refused(f"{web.url}/0")
    web.files["/loop"] = Moved("loop")
    assert "it redirects too often" in _refused(f"{web.url}/loop")


@pytest.mark.parametrize(
    ("first", "second", "may"),
    [
        ("http://a.test/x", "https://a.test/y", True),
        ("http://a.test:80/x", "https://a.test:443/y", True),
        ("http://A.test/x", "http://a.TEST/y", True),
        ("https://a.test/x", "http://a.test/y", False),
        ("http://a.test:8080/x", "https://a.test/y", False),
        ("http://a.test/x", "https://a.test:8443/y", False),
        ("http://a.test/x", "https://b.a.test/y", False),
        ("http://a.test/x", "http://a.test./y", False),
    ],
)
def test_a_redirect_may_lead_to_the_same_host_by_tls(first: str, second: str, *, may: bool) -> None:
    """From http to https with the usual ports, as most sites have it, and never back."""
    assert Location.of(first).origin.may_lead_to(Location.of(second).origin) is may


@pytest.mark.parametrize(
    "url",
    [
        "http://user:password@127.0.0.1/a",
        "http://user:password/w@127.0.0.1/a",
        "http://user:password#w@127.0.0.1/a",
        "http://@127.0.0.1/a",
        "http://127.0.0.1:99999/a",
        "http://127.0.0.1:-1/a",
        "http:///a",
        "http://a b/c",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\\a",
        "http://b\u00fccher.test/",
        "http://127.0.0.1/\u202e",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
    ],
)
def test_odd_urls_are_refused(url: str) -> None:
    """What can be read in two ways, or holds a password, isn't asked; the password isn't repeated."""
    message = _refused(url)

    assert "can't be fetched: " in message
    assert "password" not in message


def test_a_name_keeps_its_addresses(web: servers.Web) -> None:
    """The addresses of a host are looked up once: later its name can't mean another machine."""
    found = iter([["127.0.0.1"], ["127.0.0.2"]])
    web.files |= {"/a.yaml": Moved("/b.yaml"), "/b.yaml": CONTRACT + "components: {schemas: {C: {$ref: c.yaml}}}\n"}
    web.files["/c.yaml"] = "type: object\n"

    load(f"http://spec.test:{web.server_port}/a.yaml", web=Web(look_up=lambda _host: next(found)))

    assert web.asked == ["/a.yaml", "/b.yaml", "/c.yaml"]
    assert next(found) == ["127.0.0.2"]


def test_a_name_keeps_its_addresses_at_another_port(web: servers.Web, other: servers.Web) -> None:
    """The same holds where a redirect leads to TLS, which has a port of its own: that isn't another name."""
    found = iter([["127.0.0.1"], ["127.0.0.2"]])
    network = Network(1, 1, lambda: 0, lambda _host: next(found))

    for port in (web.server_port, other.server_port):
        stream = network.connect_tcp("spec.test", port)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
        stream.close()


@pytest.mark.parametrize("piece", [b"x", b"x" * 65536])
def test_the_deadline_holds_for_an_endless_answer(web: servers.Web, piece: bytes) -> None:
    """A server that never ends, but is never silent, is given up at the deadline; however slowly it sends."""
    web.files["/openapi.yaml"] = Endless(piece)
    seconds = count()

    assert "timed out" in _refused(f"{web.url}/openapi.yaml", Web(deadline=9, now=lambda: next(seconds)))


def test_the_deadline_holds_for_all_documents_together(web: servers.Web) -> None:
    """Many documents don't get more time than one."""
    web.files["/0.yaml"] = CONTRACT + "components: {schemas: {A: {$ref: 1.yaml}}}\n"
    web.files |= {f"/{number}.yaml": f"items: {{$ref: {number + 1}.yaml}}\n" for number in range(1, 60)}
    seconds = count()

    message = _refused(f"{web.url}/0.yaml", Web(deadline=100, now=lambda: next(seconds)))

    assert "timed out" in message
    assert len(web.asked) < 59


def test_endless_answers_are_cut(web: servers.Web) -> None:
    """An answer without an end is given up when it is too large."""
    web.files["/openapi.yaml"] = Endless(b" " * 2**20)

    assert "has more than 20 MB. Download it and serve the file." in _refused(f"{web.url}/openapi.yaml")


def test_silence_is_given_up(web: servers.Web) -> None:
    """A server that says nothing is given up long before the deadline."""
    web.shutdown()  # its socket still takes connections

    assert "timed out" in _refused(f"{web.url}/openapi.yaml", Web(silence=0.01))


def test_a_remote_contract_reads_no_local_file(web: servers.Web) -> None:
    """A path in a contract from the web is one of its server's."""
    web.files["/openapi.yaml"] = CONTRACT + "components: {schemas: {A: {$ref: /etc/passwd}}}\n"

    assert "/etc/passwd can't be fetched: HTTP Error 404: Not Found" in _refused(f"{web.url}/openapi.yaml")
    assert web.asked == ["/openapi.yaml", "/etc/passwd"]
