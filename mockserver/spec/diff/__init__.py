"""Two versions of a contract compared: every change, and whether it breaks somebody who relies on the old one.

Clients send requests and read responses. For the events of `x-webhooks` and of callbacks it is the other way round: the
server sends, and who has subscribed reads. What breaks is decided for the two ways apart; what can't be told is called
breaking, and says so.
"""

from mockserver.spec.diff.changes import Change, ChangeKind
from mockserver.spec.diff.documents import compare

__all__ = ["Change", "ChangeKind", "compare"]
