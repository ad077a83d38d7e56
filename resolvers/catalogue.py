"""Entries of a workspace's catalogues, such as tags and definitions: what listing, making and deleting them share."""

from collections.abc import Awaitable, Callable
from typing import Any

from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_workspace, existing
from storage.catalogue import count_entries, entries_by_name, list_entries, remove_entry
from storage.declaration import Noun
from storage.rules import check_number
from storage.store.mongo import Document, Filter, Session
from storage.store.pages import PageRequest
from storage.store.refusals import UserErrorCode, refuse


async def list_catalogue(
    context: Context, noun: Noun, page: PageRequest, *, match: Filter | None = None
) -> ConnectionDoc:
    """Return one page of the entries that match, by name; they are counted where that is asked for."""
    context.credential.require(noun.scope)
    return connection(
        await list_entries(context.workspace, noun, page, match=match),
        count=lambda most: count_entries(context.workspace, noun, most=most, match=match),
    )


async def check_free(context: Context, noun: Noun, name: str, message: str, *, session: Session) -> None:
    """Refuse the name of a new entry that another one has."""
    if await entries_by_name(context.workspace, noun, [name], session=session):
        raise refuse(UserErrorCode.TAKEN, ["name"], message)


async def check_room(
    context: Context, noun: Noun, *, most: int, session: Session, match: Filter | None = None, at: str = "name"
) -> None:
    """Refuse one entry more where there are as many that match as there may be."""
    number = await count_entries(context.workspace, noun, most=most, match=match, session=session) + 1
    check_number(number, [at], most=most)


async def delete_entry(
    context: Context,
    options: Options,
    noun: Noun,
    id: str,
    *,
    answer: str,
    check: Callable[[Any, Session], Awaitable[None]] | None = None,
) -> PayloadDoc:
    """Delete an entry that `check` does not refuse; the key `answer` of the payload has the id that it had."""

    async def body(session: Session) -> Document:
        entry = await existing(context, options, noun, id, session)
        if check is not None:
            await check(entry, session)
        await remove_entry(context.workspace, noun, entry, session=session)
        return {answer: id}

    return await change_workspace(context, options, body)
