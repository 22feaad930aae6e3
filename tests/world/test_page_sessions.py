"""mockserver.world.page_sessions: whose cookie counts, and how long."""

from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.world import World
from mockserver.world.page_sessions import PageSessions


def test_cookie_is_known_among_others() -> None:
    """The cookie counts wherever it stands, and nothing else does."""
    sessions = PageSessions("token", "salt")

    assert sessions.knows([b"", sessions.cookie, b"a"])
    assert not sessions.knows([b"", b"token", sessions.cookie.upper()])
    assert not sessions.knows([])


def test_end_ends_all_of_them() -> None:
    """A copy of the cookie is worth nothing after the end, however many there were."""
    sessions = PageSessions("token", "salt")
    copies = []
    for _ in range(3):
        copies.append(sessions.cookie)
        sessions.end()

    assert not sessions.knows(copies)
    assert sessions.knows([sessions.cookie])


def test_mocks_have_cookies_of_their_own(contract: Contract) -> None:
    """Mocks of the same token and seed don't know each other's cookies; under another contract a mock knows its own."""
    settings = Settings(control_token="secret", seed=1)
    one, other = World.build(settings, contract), World.build(settings, contract)

    assert not other.sessions.knows([one.sessions.cookie])
    assert not PageSessions("other", "salt").knows([PageSessions("secret", "salt").cookie])
    assert one.under(contract).sessions.knows([one.sessions.cookie])
