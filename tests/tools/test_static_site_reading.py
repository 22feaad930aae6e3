"""The site for its reader: pages lead on, tables are short, samples can be pasted, and the search knows numbers."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import httpx2
import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.support.pasting import CAN_PASTE, SHELLS, blocks, pasted
from tests.support.repository import ROOT
from tools.static_site.curl import Curl
from tools.static_site.linking import Names
from tools.static_site.published import JS_SPLITTER, with_breaks, words
from tools.static_site.sources import Sources

CODE = re.compile(r"```.*?```|\[[^\]]*\]\([^)]*\)|<summary>.*?</summary>|^#.*?$", re.DOTALL | re.MULTILINE)
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{32}")
QUERY = "Status 401 of rotate-hmac_key, 29x"


@cache
def _sources() -> Sources:
    return Sources()


def _reference(kind: str) -> dict[str, str]:
    return {name: text for name, text in _sources().pages.items() if name.startswith(f"reference/{kind}-")}


def test_pages_lead_on() -> None:
    """Each page of an event or of operations ends with links to guides and to its neighbours in the reference."""
    events, operations = _reference("event"), _reference("api")

    assert (len(events), len(operations)) == (29, 6)
    for name, text in (events | operations).items():
        links = re.findall(r"^- \[[^\]]+\]\((\S+)\.md\)$", text.partition("## See also\n")[2], re.MULTILINE)
        assert [link for link in links if link.startswith("../docs/")], name
        assert "events" in links, name
    assert all("(../docs/webhook-signatures.md)" in text for text in events.values())
    assert "[`X-Webhook-Signature`](../docs/webhook-signatures.md)" in operations["reference/api-webhook-subscription"]


def test_names_are_links() -> None:
    """A page of the reference names no event, and no page of the site, without a link to it, but itself."""
    events = set(_sources().contract.events())
    for page, text in _sources().pages.items():
        if page.startswith("reference/"):
            named = set(re.findall(r"`([\w./-]+)`|\*\*(\w+)\*\*", CODE.sub("", text)))
            unlinked = {name for pair in named for name in pair if name in events or f"{name[:-3]}" in _sources().pages}
            assert unlinked <= {page.removeprefix("reference/event-")}, page


def test_links_leave_code_alone() -> None:
    """What is code, a heading or a link already stays as it is."""
    names = Names(["PetBorn"], ["docs/pets"])

    assert (
        names.linked("reference/x", "`PetBorn`, **PetBorn**")
        == "[`PetBorn`](event-PetBorn.md), [**PetBorn**](event-PetBorn.md)"
    )
    assert names.linked("reference/x", "see `docs/pets.md`") == "see [`docs/pets.md`](../docs/pets.md)"
    for text in ("# `PetBorn`", "```sh\n`PetBorn`\n```", "[`PetBorn`](x.md)", "`petBorn`", "PetBorn"):
        assert names.linked("reference/x", text) == text
    assert names.linked("reference/event-PetBorn", "`PetBorn`") == "`PetBorn`"


def test_events_say_what_causes_them() -> None:
    """The list of events names the operations that cause one on the mock, and those alone; others need `trigger`."""
    modules = (ROOT / "mockserver").rglob("*.py")
    sent = {name for path in modules for name in re.findall(r'\bemission\("(\w+)"', path.read_text("utf-8"))}
    rows = re.findall(r"^\| \[(\w+)\]\(\S+\) \| (.*?) \|", _sources().pages["reference/events"], re.MULTILINE)

    assert sent
    assert {name for name, cause in rows if cause.startswith("by [")} == sent
    assert {name for name, cause in rows if cause == "only by `mockserver trigger`"} == set(
        _sources().contract.events()
    ) - sent


def test_deliveries_are_described_once() -> None:
    """Headers of deliveries, and what answers to them mean, stand on the page of all events, each in one sentence."""
    index = _sources().pages["reference/events"]

    for header in ("Signature", "Signature-Algorithm", "Timestamp", "Request-Id", "Signature-Version"):
        (meaning,) = re.findall(rf"^\| \[`X-Webhook-{header}`\]\(\S+\) \| (.*) \|$", index, re.MULTILINE)
        assert meaning.count(". ") == 0, header
    for name, text in _reference("event").items():
        assert "| `X-Webhook" not in text, name
        assert "(events.md#every-delivery)" in text, name


def test_cells_are_sentences() -> None:
    """In a table of the reference no sentence begins in lower case, and none is there twice."""
    cells = [cell for name, text in _sources().pages.items() if name.startswith("reference/") for cell in _cells(text)]

    assert cells
    assert [cell for cell in cells if re.search(r"(?<!e\.g)(?<!i\.e)\. [a-z]", cell)] == []
    assert [cell for cell in cells if re.search(r"at most (\d+)\b.*at most \1\b", cell, re.IGNORECASE)] == []


def _cells(text: str) -> list[str]:
    return [cell for row in re.findall(r"^\| (.*) \|$", CODE.sub("", text), re.MULTILINE) for cell in row.split(" | ")]


def test_samples_have_no_ids_of_others() -> None:
    """What another call has to answer first is a variable in a sample, and the text above says where it comes from."""
    for name, text in _reference("api").items():
        assert [block for block in blocks(text) if ID.search(block.partition("--data")[0])] == [], name
    page = _reference("api")["reference/api-webhook-subscription"]

    assert (
        page.count("Put your own into `$WEBHOOK_SUBSCRIPTION_ID`: it is `webhookSubscriptionId` in the answer to") == 4
    )
    assert 'subscription/$WEBHOOK_SUBSCRIPTION_ID"' in page


@pytest.mark.skipif(not CAN_PASTE, reason="a shell and curl are needed to paste")
@pytest.mark.parametrize("shell", SHELLS)
def test_samples_with_variables_work(shell: str, tmp_path: Path) -> None:
    """The sample of refreshing, pasted after its variable is set, gets the next tokens."""
    (operation,) = (found for found in _sources().contract.operations() if found.name == "tokenRefresh")
    credentials = {"username": "admin", "password": "password"}
    with MockServer(Settings(port=0)) as mock:
        token = httpx2.post(f"{mock.url}/api/admin/login_check", json=credentials).json()["refresh_token"]
        line = Curl(_sources().contract).line(operation).replace("http://localhost:8181", mock.url)
        shown = pasted(f"REFRESH_TOKEN={token}\n{line}", tmp_path, shell)

    assert '"refresh_token"' in shown


def test_front_page_begins_with_the_checkout() -> None:
    """Where the repository is known, the front page has the line that clones it, above what is run in it."""
    clone, mock, tour = blocks(Sources("https://example.com/mock.git").pages["index"])

    assert clone.startswith("git clone https://example.com/mock.git")
    assert [mock, tour] == blocks(_sources().pages["index"]) == ["make mock\n", "make tour\n"]


def test_numbers_are_words() -> None:
    """To the search, numbers are words like any others, in pages as in queries."""
    assert words(QUERY) == ["Status", "n401", "of", "rotate", "hmac_key", "29x"]


@pytest.mark.skipif(not shutil.which("node"), reason="Node.js is needed to split a query")
def test_queries_are_split_like_pages() -> None:
    """What the browser makes of a query are the words of the pages."""
    script = f"{JS_SPLITTER}; console.log(splitQuery(process.argv[1]).join('\\n'))"
    done = subprocess.run(["node", "-e", script, QUERY], capture_output=True, text=True, check=True)  # noqa: S603, S607

    assert done.stdout.split() == words(QUERY)


def test_long_names_break_where_words_end() -> None:
    """A long name in code, in the title or in the navigation may break after dots and before capitals; others not."""
    long = '<code><span class="pre">data.customer.customerId</span></code>'

    assert with_breaks(long).count("<wbr>") == 3
    assert with_breaks("<h1>CustomerWasRegistered<a") == "<h1>Customer<wbr>Was<wbr>Registered<a"
    assert with_breaks('<a href="x.html">CustomerDeactivated</a>') == '<a href="x.html">Customer<wbr>Deactivated</a>'
    for other in (
        '<code><span class="pre">messageId</span></code>',
        "<p>data.customer.customerId</p>",
        "<h1>Your first call<a",
    ):
        assert with_breaks(other) == other
