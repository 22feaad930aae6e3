"""The comparison of two versions of a contract: every change, and whether it breaks users of the old version.

Clients send requests and read responses. For the events of `x-webhooks` and of callbacks the server sends, and
subscribers read. Breaking changes are determined for each direction; a change that can't be decided is called breaking,
and its message says so.
"""

from mockserver.spec.diff.changes import Change, ChangeKind
from mockserver.spec.diff.documents import compare

__all__ = ["Change", "ChangeKind", "compare"]
