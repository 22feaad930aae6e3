"""Sessions of the page: who has logged in with the control token is known by a cookie, which doesn't tell the token."""

import hmac


class PageSessions:
    """The sessions of one mock. All have the same cookie, until one of them ends, or the mock.

    The cookie is made of the token, so there is nothing to keep; and of a `salt` that is another one in each mock, so
    that a cookie of yesterday is none today.
    """

    def __init__(self, token: str, salt: str) -> None:
        self._token, self._salt, self._ended = token.encode(), salt, 0

    @property
    def cookie(self) -> bytes:
        """The value of the cookie."""
        text = f"session of the page, {self._salt}, {self._ended}"
        return hmac.digest(self._token, text.encode(), "sha256").hex().encode()

    def knows(self, cookies: list[bytes]) -> bool:
        """Whether one of these values is that of the cookie; takes as long for one as for another."""
        expected = self.cookie
        return any([hmac.compare_digest(expected, cookie) for cookie in cookies])  # noqa: C419 (all, in constant time)

    def end(self) -> None:
        """End all sessions: whoever has a copy of the cookie has to log in again."""
        self._ended += 1
