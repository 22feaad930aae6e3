"""Members and loans."""

import httpx


def test_a_member_joins(api: httpx.Client, member: dict) -> None:
    """A member reads as they joined, and stands in the list."""
    assert api.get(f"/members/{member['id']}").json() == member
    assert member in api.get("/members").json()


def test_an_email_is_taken_once(api: httpx.Client, member: dict) -> None:
    """Two members can't have one email, in whatever case."""
    answer = api.post(
        "/members", json={"name": "Robin", "email": member["email"].upper().replace("EXAMPLE.COM", "example.com")}
    )

    assert answer.status_code == 409


def test_a_member_goes(api: httpx.Client, member: dict) -> None:
    """Who has gone isn't there any more."""
    assert api.delete(f"/members/{member['id']}").status_code == 204
    assert api.get(f"/members/{member['id']}").status_code == 404


def test_a_tool_is_lent(api: httpx.Client, tool: dict, loan: dict) -> None:
    """A loan has a day on which it is due, and the tool is out."""
    assert loan["tool_id"] == tool["id"]
    assert loan["returned"] is None
    assert api.get(f"/tools/{tool['id']}").json()["available"] is False
    assert api.get(f"/tools/{tool['id']}/loans").json() == [loan]


def test_a_tool_that_is_out_isnt_lent(api: httpx.Client, tool: dict, member: dict, loan: dict) -> None:
    """Nobody gets what another has."""
    answer = api.post(f"/tools/{tool['id']}/loans", json={"member_id": member["id"]})

    assert (answer.status_code, loan["member_id"]) == (409, member["id"])


def test_a_tool_that_is_out_stays(api: httpx.Client, tool: dict, loan: dict) -> None:
    """It can't be removed, nor its member."""
    assert api.delete(f"/tools/{tool['id']}").status_code == 409
    assert api.delete(f"/members/{loan['member_id']}").status_code == 409


def test_a_tool_comes_back(api: httpx.Client, tool: dict, loan: dict) -> None:
    """A loan ends once, and the tool is in again."""
    ended = api.post(f"/loans/{loan['id']}/return")

    assert ended.json()["returned"] is not None
    assert api.get(f"/loans/{loan['id']}").json() == ended.json()
    assert api.get(f"/tools/{tool['id']}").json()["available"] is True
    assert api.post(f"/loans/{loan['id']}/return").status_code == 409


def test_nobody_lends_to_nobody(api: httpx.Client, tool: dict) -> None:
    """A loan needs a member."""
    assert api.post(f"/tools/{tool['id']}/loans", json={"member_id": 2_000_000_000}).status_code == 409


def test_an_unknown_loan_is_a_404(api: httpx.Client) -> None:
    """Nor can it end."""
    assert api.get("/loans/2000000000").status_code == 404
    assert api.post("/loans/2000000000/return").status_code == 404
