"""What may be asked for on the way to the server that is judged."""

from pathlib import Path

import pytest

from mockserver.checks.live.planning.options import Options, combined
from mockserver.checks.transport.access_options import check_basic, check_route, parse_header, parse_headers
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.testing.certificates import self_signed


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("CF-Access-Client-Secret: 0a1b", ("CF-Access-Client-Secret", "0a1b")),
        ("X-A:b:c", ("X-A", "b:c")),
        ("X-A: \t two words ", ("X-A", "two words")),
    ],
)
def test_a_header_is_a_name_and_a_value(line: str, header: tuple[str, str]) -> None:
    """The first colon parts them, and blanks around the value are no part of it."""
    assert parse_header(line) == header


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no colon", "must be like"),
        ("two words: x", "must be like"),
        (": x", "must be like"),
        ("X-A:", "visible characters"),
        ("X-A: a\r\nHost: b", "visible characters"),
        ("X-A: \u20ac", "visible characters"),
        ("Authorization: Basic secret", "use --basic"),
        ("host: secret", "of --url"),
        ("Content-Length: 1", "belongs to each request"),
        ("X-AUTH-TOKEN: secret", "use --api-key"),
        ("Proxy-Authorization: Basic secret", "use --proxy"),
    ],
)
def test_headers_that_cannot_be_sent(line: str, words: str) -> None:
    """What is wrong is said without the value."""
    with pytest.raises(SettingsError, match=words) as caught:
        parse_header(line)

    assert "secret" not in str(caught.value)


def test_each_judge_takes_names_for_itself() -> None:
    """What is no credential there may open a gate; what frames a request never does."""
    assert parse_header("Authorization: Bearer a", {}) == ("Authorization", "Bearer a")
    with pytest.raises(SettingsError, match="X-Own: it is ours"):
        parse_header("X-Own: a", {"x-own": "it is ours"})
    with pytest.raises(SettingsError, match="of --url"):
        parse_header("Host: a", {})


def test_a_header_is_given_once() -> None:
    """Which one of two would count depends on the instance."""
    with pytest.raises(SettingsError, match="x-a is given twice"):
        parse_headers(("x-a: 1", "X-A: 2"))


def test_basic_is_a_name_and_a_password() -> None:
    """What is none is not shown."""
    check_basic("name:pass:word")
    with pytest.raises(SettingsError, match="name:password") as caught:
        check_basic("secret")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["proxy:3128", "socks5://proxy", "http://", "http://[", "http://proxy:x"])
def test_proxies_that_cannot_be_used(proxy: str) -> None:
    """A proxy is the address of an HTTP server."""
    with pytest.raises(SettingsError, match="--proxy must be like"):
        check_route(proxy, None, insecure=False)


def test_certificates_are_looked_at_before_the_run(tmp_path: Path) -> None:
    """A file that has none, or isn't there, is told; to trust some and everybody is a contradiction."""
    certificate, key = self_signed(tmp_path)

    check_route(None, str(certificate), insecure=False)
    for path in (key, tmp_path / "missing.pem"):
        with pytest.raises(SettingsError, match="no file of certificates"):
            check_route(None, str(path), insecure=False)
    with pytest.raises(SettingsError, match="give one of them"):
        check_route(None, str(certificate), insecure=True)


def test_no_proxy_leads_to_this_machine_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is for other hosts, but for those of NO_PROXY."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", "two.test.invalid")
    key = Credentials(api_key="key")
    ways = {host: Options(f"https://{host}", key).route.notes("https://") for host in ("127.0.0.1", "one.test.invalid")}

    assert ways == {"127.0.0.1": [], "one.test.invalid": ["requests passed the proxy http://proxy.invalid:3128"]}
    assert not Options("https://two.test.invalid", key).route.proxies.get("https")
    assert Options("https://127.0.0.1", key, proxy="http://proxy.invalid").route.proxies["https"]


@pytest.mark.parametrize("name", ["proxy", "ca_file", "insecure"])
def test_a_file_chooses_the_way_only_to_a_url_of_the_command_line(name: str) -> None:
    """A file that came with a repository mustn't choose who sees the credentials."""
    with pytest.raises(SettingsError, match="Give --url"):
        combined({name: "x"}, {})

    assert combined({name: "x"}, {"url": "https://host"})[name] == "x"
