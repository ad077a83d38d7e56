"""How a subscription gets the feed that it follows, if it has the right to and the feed exists."""

from contextlib import AsyncExitStack

from resolvers.context import Context
from resolvers.feeds.feed import ProfileFeed
from resolvers.feeds.hub import Hub
from storage import profiles
from storage.credentials import Scope
from storage.store.errors import ErrorCode, GatewayError, UnavailableError
from storage.store.ids import from_public


def hub_of(context: Context) -> Hub:
    context.credential.require(Scope.PROFILES_READ)
    if context.hub is None:
        raise UnavailableError("There are no live feeds here; ask a gateway that serves them.")
    return context.hub


async def feed_of(
    context: Context, profile_id: str, using: AsyncExitStack, *, argument: str = "profileId"
) -> ProfileFeed:
    """Return the feed of a profile, which `using` holds; raises NOT_FOUND for a profile outside the workspace."""
    hub = hub_of(context)
    prefix, profile = from_public(profile_id, argument=argument)
    feed = None
    if prefix == profiles.NOUN.prefix:
        feed = await using.enter_async_context(hub.profile(context.workspace, profile))
    if feed is None:
        raise GatewayError("There is no profile with this id.", code=ErrorCode.NOT_FOUND, argument=argument)
    return feed
