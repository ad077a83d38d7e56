"""Find things of any type by their ids."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from resolvers.context import Context
from resolvers.jobs import find_jobs
from resolvers.privacy import mask_event, require_reading, shown
from resolvers.timeline import find_changes
from storage import changes, events, jobs, profiles
from storage.beside import find_documents
from storage.credentials import Scope
from storage.declaration import Noun
from storage.nouns import NOUNS
from storage.store.errors import BadInputError, GatewayError, NotFoundError
from storage.store.ids import from_public
from storage.store.mongo import Projection

MOST_NODES = 100
Found = Sequence[Mapping[str, Any]]


async def profile_nodes(context: Context, ids: Sequence[bytes], projection: Projection | None) -> Found:
    return await shown(context, await profiles.profiles_by_id(context.workspace, ids, projection=projection))


async def event_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    found = await events.events_by_id(context.workspace, ids)
    return found if context.sees_personal else [mask_event(event) for event in found]


async def change_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    return await find_changes(context, ids)


async def job_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    return await find_jobs(context, ids)


# Nouns that are masked or projected; the documents of every other one are shown as they are to who may read them.
FINDERS: Mapping[Noun, Callable[[Context, Sequence[bytes], Projection | None], Awaitable[Found]]] = {
    profiles.NOUN: profile_nodes,
    events.NOUN: event_nodes,
    changes.NOUN: change_nodes,
    jobs.NOUN: job_nodes,
}
BY_PREFIX = {noun.prefix: noun for noun in NOUNS}


async def find_node(context: Context, id: str, *, projection: Projection | None = None) -> Any | None:
    """Return the thing with this id; None when it does not exist, which it doesn't in another workspace."""
    found = (await find_nodes(context, [id], projection=projection, argument="id"))[0]
    if isinstance(found, GatewayError):
        raise found
    return found


async def find_nodes(
    context: Context, ids: Sequence[str], *, projection: Projection | None = None, argument: str = "ids"
) -> list[Any | None]:
    """Return what each id stands for, in their order, each type with one command; an error in the place of a bad id."""
    context.credential.require(Scope.PROFILES_READ)
    if len(ids) > MOST_NODES:
        raise BadInputError(f"At most {MOST_NODES} ids, and these are {len(ids)}.", argument="ids")
    keys = [split(id, argument) for id in ids]
    wanted: dict[str, set[bytes]] = {}
    for key in keys:
        if not isinstance(key, GatewayError):
            wanted.setdefault(key[0], set()).add(key[1])
    answers = await asyncio.gather(*(find_type(context, prefix, ids, projection) for prefix, ids in wanted.items()))
    found = dict(zip(wanted, answers, strict=True))
    return [key if isinstance(key, GatewayError) else pick(found[key[0]], key[1]) for key in keys]


def split(id: str, argument: str) -> tuple[str, bytes] | GatewayError:
    try:
        return from_public(id, argument=argument)
    except NotFoundError as error:
        return error


def pick(found: Mapping[bytes, Any] | GatewayError, id: bytes) -> Any | None:
    return found if isinstance(found, GatewayError) else found.get(id)


async def find_type(
    context: Context, prefix: str, ids: set[bytes], projection: Projection | None
) -> Mapping[bytes, Any] | GatewayError:
    """Return the things of one type by id, marked with their type; or the error that stands for each of them.

    A finder of several types marks what it finds itself.
    """
    noun = BY_PREFIX.get(prefix)
    if noun is None:
        return {}
    try:
        require_reading(context, noun)
        finder = FINDERS.get(noun)
        found = await (
            finder(context, sorted(ids), projection) if finder else find_documents(context.workspace, noun, sorted(ids))
        )
    except GatewayError as error:
        return error
    return {document["_id"]: {"__typename": noun.type, **document} for document in found}
