"""Find things of any type by their ids."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from resolvers.context import Context
from resolvers.privacy import mask_event, require_personal, shown
from resolvers.timeline import find_changes
from storage import attributes, events, journal, notes, profiles, tags, tasks
from storage.credentials import Scope
from storage.past import history
from storage.store.errors import BadInputError, GatewayError
from storage.store.ids import from_public
from storage.store.mongo import Projection

MOST_NODES = 100
Found = Sequence[Mapping[str, Any]]


async def profile_nodes(context: Context, ids: Sequence[bytes], projection: Projection | None) -> Found:
    return await shown(context, await profiles.profiles_by_id(context.workspace, ids, projection=projection))


async def event_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    found = await journal.events_by_id(context.workspace, ids)
    return found if context.sees_personal else [mask_event(event) for event in found]


async def note_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    require_personal(context, "Reading notes")
    return await notes.notes_by_id(context.workspace, ids)


async def change_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    return await find_changes(context, ids)


async def task_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    require_personal(context, "Reading tasks")
    return await tasks.tasks_by_id(context.workspace, ids)


async def tag_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    return await tags.tags_by_id(context.workspace, ids)


async def attribute_definition_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    return await attributes.definitions_by_id(context.workspace, ids)


async def event_definition_nodes(context: Context, ids: Sequence[bytes], _: Projection | None) -> Found:
    return await events.definitions_by_id(context.workspace, ids)


# The prefix of an id says which type it is of, and who finds it.
FINDERS: Mapping[str, tuple[str, Callable[[Context, Sequence[bytes], Projection | None], Awaitable[Found]]]] = {
    profiles.PREFIX: ("Profile", profile_nodes),
    journal.PREFIX: ("Event", event_nodes),
    history.PREFIX: ("ChangeEntry", change_nodes),
    notes.PREFIX: ("Note", note_nodes),
    tasks.PREFIX: ("Task", task_nodes),
    tags.PREFIX: ("Tag", tag_nodes),
    attributes.PREFIX: ("AttributeDefinition", attribute_definition_nodes),
    events.PREFIX: ("EventDefinition", event_definition_nodes),
}


async def find_node(context: Context, id: str, *, projection: Projection | None = None) -> Any | None:
    """Return the thing with this id; None when it does not exist, which it doesn't in another workspace."""
    found = (await find_nodes(context, [id], projection=projection))[0]
    if isinstance(found, GatewayError):
        raise found
    return found


async def find_nodes(context: Context, ids: Sequence[str], *, projection: Projection | None = None) -> list[Any | None]:
    """Return what each id stands for, in their order, each type with one command; an error in the place of a bad id."""
    context.credential.require(Scope.PROFILES_READ)
    if len(ids) > MOST_NODES:
        raise BadInputError(f"At most {MOST_NODES} ids, and these are {len(ids)}.", argument="ids")
    keys = [split(id) for id in ids]
    wanted: dict[str, set[bytes]] = {}
    for key in keys:
        if not isinstance(key, GatewayError):
            wanted.setdefault(key[0], set()).add(key[1])
    answers = await asyncio.gather(*(find_type(context, prefix, ids, projection) for prefix, ids in wanted.items()))
    found = dict(zip(wanted, answers, strict=True))
    return [key if isinstance(key, GatewayError) else pick(found[key[0]], key[1]) for key in keys]


def split(id: str) -> tuple[str, bytes] | GatewayError:
    try:
        return from_public(id)
    except BadInputError as error:
        return error


def pick(found: Mapping[bytes, Any] | GatewayError, id: bytes) -> Any | None:
    return found if isinstance(found, GatewayError) else found.get(id)


async def find_type(
    context: Context, prefix: str, ids: set[bytes], projection: Projection | None
) -> Mapping[bytes, Any] | GatewayError:
    """Return the things of one type by id, marked with their type; or the error that stands for each of them.

    A finder of several types marks what it finds itself.
    """
    if prefix not in FINDERS:
        return {}
    typename, find = FINDERS[prefix]
    try:
        found = await find(context, sorted(ids), projection)
    except GatewayError as error:
        return error
    return {document["_id"]: {"__typename": typename, **document} for document in found}
