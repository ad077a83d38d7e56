"""The history of one field of a profile."""

from loaders.queries import HistoryQuery
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.entries import shown_entries
from storage.credentials import Scope
from storage.past.history import stored_field
from storage.profiles import ProfileDoc
from storage.store.pages import PageRequest


async def history_of(context: Context, profile: ProfileDoc, page: PageRequest, *, field: str) -> ConnectionDoc:
    """Return one page of the entries that changed a field, newest first (X3)."""
    context.credential.require(Scope.PROFILES_READ)
    entries = await context.loaders.history.load((profile["_id"], HistoryQuery(page, stored_field(field))))
    return connection(entries, items=await shown_entries(context, entries.items))
