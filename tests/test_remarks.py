"""mockserver.remarks: what the mock says about a response, as headers."""

from mockserver.remarks import LONGEST_TEXT, NO_REMARKS, Remarks


def test_remarks_are_headers() -> None:
    """Each remark has its header; where there is nothing to say, there is none."""
    remarks = Remarks("Log in.", "status: 404 is not declared", {"faultId": "f-1", "name": "outage"})

    assert dict(remarks.headers()) == {
        b"x-mock-hint": b"Log in.",
        b"x-mock-contract-violation": b"status: 404 is not declared",
        b"x-mock-fault": b"f-1",
    }
    assert list(NO_REMARKS.headers()) == []


def test_headers_are_short_and_plain() -> None:
    """However long and odd the text, its header is one short line of printable ASCII."""
    ((_, value),) = Remarks("\u00fc\r\nset-cookie: a=b" * 1_000).headers()

    assert len(value) == LONGEST_TEXT
    assert value.startswith(b"???set-cookie: a=b?")
