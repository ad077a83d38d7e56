"""Notes of a profile; they are about the person, so reading them is reading personal data."""

from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.privacy import require_personal
from storage.pages import PageRequest
from storage.profiles import ProfileDoc


async def notes_of(context: Context, profile: ProfileDoc, page: PageRequest) -> ConnectionDoc:
    """Return one page of the notes, newest first (R51)."""
    require_personal(context, "Reading notes")
    return connection(await context.loaders.notes.load((profile["_id"], page)))
