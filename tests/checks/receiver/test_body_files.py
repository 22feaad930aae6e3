"""Bodies that are too long for a line of curl."""

from mockserver.checks.receiver.body_files import BodyFiles
from mockserver.checks.receiver.hook_request import HookRequest

URL = "http://127.0.0.1:3000/webhooks"
LARGE, OTHER = b"x" * 100_000, b"y" * 100_000


def test_a_large_body_is_a_file_beside_the_report() -> None:
    """The line names it from where the command ran; each body has one."""
    bodies = BodyFiles("reports/receiver")
    lines = [bodies.curl(HookRequest(URL, body), "large_body") for body in (LARGE, OTHER, LARGE)]

    end = f"{URL} # body: a file of 100000 bytes"
    assert lines[0].endswith(f"--data-binary @reports/receiver/large_body-1.body {end}")
    assert lines[1].endswith(f"--data-binary @reports/receiver/large_body-2.body {end}")
    assert lines[2] == lines[0]
    assert bodies.named_in(lines[:1]) == {"large_body-1.body": LARGE}


def test_what_a_line_can_hold_is_no_file() -> None:
    """Neither is what somebody else has sent."""
    bodies = BodyFiles("reports")
    lines = [bodies.curl(one, "any") for one in (HookRequest(URL, b"{}"), HookRequest(URL, LARGE, shown="a line"))]

    assert "--data-raw '{}'" in lines[0]
    assert lines[1] == "a line"
    assert bodies.named_in(lines) == {}


def test_lines_print_the_status_and_take_the_same_way() -> None:
    """By a proxy, where one was named: its address, which may have a password, is a variable."""
    direct, proxied = (BodyFiles("reports", way).curl(HookRequest(URL, b"{}"), "any") for way in (False, True))

    assert direct == f"curl -sgi -H Content-Type: --data-raw '{{}}' {URL}"
    assert proxied == direct.replace("-sgi", """-sgi -x ''"$OL_PROXY\"""")
