"""What a replica remembers of the database, so that it needn't ask for each request."""

from mockserver.storage.model import User


class Known:
    """What a replica remembers of the database: stores, and users by their API keys. Only changes that the barrier
    brings take one of them away; `revision` counts them, so that nothing is remembered that was read before one."""

    def __init__(self) -> None:
        self.revision = 0
        self.stores: set[str] = set()
        self.users: dict[str, User] = {}

    def forget(self) -> None:
        """Forget everything."""
        self.revision += 1
        self.stores.clear()
        self.users.clear()
