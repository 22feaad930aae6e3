"""The world: the whole state and clockwork of one mock. Several worlds in a process never see each other."""

from dataclasses import dataclass, replace

from mockserver.auth import Auth
from mockserver.clock import Clock, Ids
from mockserver.contract import Contract
from mockserver.examples import Examples
from mockserver.journal import Journal
from mockserver.model import Member, User
from mockserver.settings import Settings
from mockserver.state import MemoryState, State


@dataclass(frozen=True, slots=True)
class World:
    """All that a handler may use."""

    settings: Settings
    contract: Contract
    clock: Clock
    ids: Ids
    state: State
    auth: Auth
    journal: Journal
    examples: Examples

    @classmethod
    def build(cls, settings: Settings, contract: Contract, clock: Clock | None = None) -> "World":
        """A world whose stores are empty until `seed` is called.

        Raises SettingsError if the signing key can't be used.
        """
        clock = clock or Clock()
        ids = Ids.from_chance() if settings.seed is None else Ids(settings.seed)
        state = MemoryState(settings.stores)
        auth = Auth(settings, clock, ids, state)
        return cls(settings, contract, clock, ids, state, auth, Journal(clock), Examples(contract, ids.seed))

    def under(self, contract: Contract) -> "World":
        """The same world under another contract: what it remembers, its time, tokens and journal are the same."""
        return replace(self, contract=contract, examples=Examples(contract, self.ids.seed))

    async def seed(self) -> None:
        """Add who is there from the start: the admin, and one member in each store. A seeded world is left alone."""
        settings = self.settings
        if await self.state.user_by_login("admin", None, settings.admin_username):
            return
        admin = User(self.ids.uuid(), "admin", None, settings.admin_username, settings.admin_password, settings.api_key)
        await self.state.add_user(admin)
        for store_code in settings.stores:
            await self._seed_member(store_code)

    async def _seed_member(self, store_code: str) -> None:
        settings = self.settings
        email = f"{settings.member_username}@example.com"
        member = Member(
            customer_id=self.ids.uuid(),
            store_code=store_code,
            email=email,
            phone=None,
            loyalty_card_number=None,
            referral_token=self.ids.hex(8).upper(),
            registered_at=self.clock.now(),
            data={"email": email, "firstName": "Mock", "lastName": "Member"},
        )
        user = User(member.customer_id, "member", store_code, settings.member_username, settings.member_password)
        await self.state.add_member(member)
        await self.state.add_user(user)
