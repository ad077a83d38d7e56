"""Confirmation links, which are signed so that nobody can forge one, and what a click on one does (R26)."""

from dataclasses import dataclass, field
from datetime import timedelta

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from storage.actors import Actor, ActorKind
from storage.confirmations import Confirmation, LinkState, find_confirmation, mark_used, state_of
from storage.profiles import AgreementStatus, Channel, profiles_by_id
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit

PATH = "/confirm"
BY_LINK = Actor(ActorKind.LINK, "confirmation", "Confirmation link", ChangeSource.LINK)


@dataclass(frozen=True, slots=True)
class Links:
    """How links are made: the secret that signs them, what they begin with, and how long they count."""

    secret: str = field(repr=False)
    base_url: str
    lifetime: timedelta

    @property
    def serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="confirmation link")

    def url(self, link: Confirmation) -> str:
        """Return the address of a link; only its path when the gateway does not know its own address."""
        token = self.serializer.dumps([link["workspace"], link["_id"].hex(), link["nonce"].hex()])
        return f"{self.base_url.rstrip('/')}{PATH}/{token}"

    def read(self, token: str) -> tuple[str, bytes, bytes] | LinkState:
        """Return workspace, id and nonce of a link, or what is wrong with the token."""
        try:
            workspace, id, nonce = self.serializer.loads(token, max_age=int(self.lifetime.total_seconds()))
        except SignatureExpired:
            return LinkState.VOID
        except BadSignature:
            return LinkState.UNKNOWN
        return workspace, bytes.fromhex(id), bytes.fromhex(nonce)


async def look(database: Database, links: Links, token: str) -> LinkState:
    """Return the state of a link, and change nothing."""
    read = links.read(token)
    if isinstance(read, LinkState):
        return read
    workspace, id, nonce = Workspace(database, read[0]), read[1], read[2]
    link = await find_confirmation(workspace, id)
    profiles = await profiles_by_id(workspace, [link["profile"]]) if link else []
    return await state_of(workspace, link, nonce, profiles[0] if profiles else None)


async def confirm(database: Database, bus: Bus, links: Links, token: str) -> LinkState:
    """Enable the agreement that a link is for, and return the state that the link was in before."""
    read = links.read(token)
    if isinstance(read, LinkState):
        return read
    workspace, id, nonce = Workspace(database, read[0]), read[1], read[2]
    link = await find_confirmation(workspace, id)
    if link is None:
        return LinkState.VOID

    async def change(working: Edit) -> None:
        newest = await find_confirmation(workspace, id, session=working.session)
        state = await state_of(workspace, newest, nonce, working.profile, session=working.session)
        if state is LinkState.WAITING:
            working.set_agreement(Channel.EMAIL, AgreementStatus.ENABLED, source=BY_LINK.source)
            await mark_used(workspace, id, at=working.now, session=working.session)
        working.made["state"] = state

    outcome = await edit(workspace, link["profile"], change, actor=BY_LINK, bus=bus)
    return LinkState.VOID if outcome is None else LinkState(outcome["made"]["state"])
