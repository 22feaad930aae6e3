"""mockserver.openapi.loading.sources: files and pages, each read once, and none from elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.errors import ContractError
from mockserver.openapi.loading import fetching, load
from tests.openapi.loading.documents import EMPTY, refused, with_schemas
from tests.support.web import Moved, Web, serving


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server of this test."""
    with serving() as server:
        yield server


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that isn't there is named, with the reason."""
    assert refused(tmp_path / "no.yaml") == "no.yaml can't be read: No such file or directory. Check the path."


def test_folder_is_refused(tmp_path: Path) -> None:
    """A folder is no contract."""
    assert "can't be read: Is a directory" in refused(tmp_path)


def test_each_file_is_read_once(web: Web) -> None:
    """However often and however it is referred to, a file is asked for once."""
    refs = "{a: {$ref: a.yaml}, b: {$ref: ./a.yaml}, c: {$ref: '../api/a.yaml#/x'}, d: {$ref: '/api/o.yaml#/info'}}"
    web.files["/api/o.yaml"] = EMPTY + f"components: {{schemas: {{A: {{properties: {refs}}}}}}}\n"
    web.files["/api/a.yaml"] = "x: {items: {$ref: 'o.yaml#/components/schemas/A'}}\n"

    load(f"{web.url}/api/o.yaml", check=False)

    assert web.asked == ["/api/o.yaml", "/api/a.yaml"]


def test_urls_are_read(web: Web) -> None:
    """A document on a web server is read with the files that it refers to, and no local file is named."""
    web.files["/api/openapi.yaml"] = EMPTY + "components: {schemas: {A: {items: {$ref: ../s/b.json#/B}}}}\n"
    web.files["/s/b.json"] = '{"B": {"type": "string"}}'

    document = load(f"{web.url}/api/openapi.yaml")

    assert document.source == f"{web.url}/api/openapi.yaml"
    assert document.files == ()
    assert document.content["components"]["schemas"]["B"] == {"type": "string"}


def test_redirects_are_followed(web: Web) -> None:
    """References are relative to where a redirect ended, and may lead back there."""
    web.files |= {
        "/latest": Moved("/v2/openapi.yaml"),
        "/v2/a.yaml": "items: {$ref: 'openapi.yaml#/components/schemas/A'}\n",
    }
    web.files["/v2/openapi.yaml"] = EMPTY + "components: {schemas: {A: {items: {$ref: a.yaml}}}}\n"

    content = load(f"{web.url}/latest").content

    assert content["components"]["schemas"]["a"] == {"items": {"$ref": "#/components/schemas/A"}}
    assert web.asked == ["/latest", "/v2/openapi.yaml", "/v2/a.yaml"]


def test_failing_urls_are_refused(web: Web) -> None:
    """A URL that doesn't answer well is named, with the reason and what to do."""
    message = refused(f"{web.url}/no.yaml")

    assert (
        message
        == f"{web.url}/no.yaml can't be fetched: HTTP Error 404: Not Found. Check the URL, or download the file."
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://127.0.0.1:port/x", "http://"])
def test_bad_urls_are_refused(url: str) -> None:
    """A URL that can't be asked is refused without a traceback."""
    assert refused(url).startswith(f"{url} can't be fetched: ")


def test_silent_servers_are_given_up(web: Web) -> None:
    """A server that says nothing for long is given up."""
    web.shutdown()  # its socket still takes connections

    with pytest.raises(ContractError, match=r"can't be fetched: .*timed out"):
        load(f"{web.url}/openapi.yaml", web=fetching.Web(silence=0.05))


def test_large_answers_are_refused(web: Web) -> None:
    """More than 20 MB isn't read from the web."""
    web.files["/openapi.yaml"] = b" " * (fetching.MAX_DOWNLOAD + 1)

    assert "has more than 20 MB. Download it and serve the file." in refused(f"{web.url}/openapi.yaml")


def test_failing_reference_on_the_web_is_refused(web: Web) -> None:
    """A reference to a URL that fails is told with the line of the reference."""
    web.files["/openapi.yaml"] = with_schemas("A: {$ref: no.yaml}")

    message = refused(f"{web.url}/openapi.yaml")

    assert message.startswith(
        f"{web.url}/openapi.yaml:6: the reference 'no.yaml' fails: {web.url}/no.yaml can't be fetched"
    )


@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:9/a.yaml", "https://127.0.0.1/a", "//127.0.0.2/a", "file:///a"]
)
def test_other_servers_are_not_asked(web: Web, reference: str) -> None:
    """A document from the web can't make the mock ask another server, nor read a local file."""
    web.files["/openapi.yaml"] = with_schemas(f"A: {{$ref: '{reference}'}}")

    message = refused(f"{web.url}/openapi.yaml")

    assert message.startswith(f"{web.url}/openapi.yaml:6: ")
    assert "it is not on the server of the contract. Download all files" in message


@pytest.mark.parametrize(
    "source",
    [
        "http://127.0.0.1:1/?token=secret",
        "http://user:p/secret@127.0.0.1:1/",
        "http://secret:1/b@127.0.0.1:1/",
        "http:user:secret@h/",
    ],
)
def test_no_error_shows_what_is_secret_in_a_url(source: str) -> None:
    """User name, password and the values of a query stay out of what is said about a contract."""
    with pytest.raises(ContractError) as caught:
        load(source)

    assert "secret" not in str(caught.value)
