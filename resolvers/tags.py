"""The catalogue of tags, and what may be done with those of a profile."""

from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from storage import tags
from storage.credentials import Scope
from storage.store.pages import PageRequest
from storage.tags import ProfileTag, TagDoc, TagSource


async def list_tags(context: Context, page: PageRequest) -> ConnectionDoc:
    context.credential.require(Scope.PROFILES_READ)
    return connection(await tags.list_tags(context.workspace, page))


async def profile_count_of(context: Context, tag: TagDoc) -> int:
    """Return how many profiles carry the tag (R24)."""
    return await context.loaders.profiles_by_tag.load(tag["name"])


def is_removable(tag: ProfileTag) -> bool:
    """Return whether the tag can be removed by hand: one of the system's can't (R25)."""
    return tag["source"] != TagSource.SYSTEM
