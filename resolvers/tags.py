"""Tags: the catalogue, those of a profile, and how both are edited."""

from collections.abc import Mapping, Sequence

from resolvers.catalogue import check_free, delete_entry, list_catalogue
from resolvers.connections import ConnectionDoc
from resolvers.context import Context
from resolvers.entries import EntryDoc, listed
from resolvers.mutations import (
    Options,
    PayloadDoc,
    change_profile,
    change_workspace,
    create_in_workspace,
    existing,
    source_of,
)
from storage import tags as stored
from storage.catalogue import change_entry, entries_by_name
from storage.credentials import Scope
from storage.rules import LONGEST_LINE, MOST_TAGS, check_length, check_name, check_number, name_to_find
from storage.sources import ChangeSource
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document, Session
from storage.store.pages import PageRequest
from storage.store.refusals import RefusedError, UserError, UserErrorCode, gathering, refuse
from storage.tags import NOUN, ProfileTag, TagDoc
from storage.write.working_copy import Edit


async def list_tags(context: Context, page: PageRequest) -> ConnectionDoc:
    return await list_catalogue(context, NOUN, page)


async def find_tag(context: Context, name: str) -> TagDoc | None:
    """Return the tag of the catalogue with this name."""
    context.credential.require(Scope.PROFILES_READ)
    return await context.loaders.tags.load(name_to_find(name))


async def tag_of_each(context: Context, tags: Sequence[ProfileTag]) -> list[TagDoc | None]:
    """Return what the catalogue says of tags that profiles carry."""
    return await context.loaders.tags.load_many([tag["name"] for tag in tags])


async def profile_count_of(context: Context, tag: TagDoc) -> int:
    """Return how many profiles carry the tag (R24)."""
    context.credential.require(Scope.PROFILES_READ)
    return await context.loaders.profiles_by_tag.load(tag["name"])


def is_removable(tag: ProfileTag) -> bool:
    """Return whether the tag can be removed by hand: system tags can't (R25)."""
    return tag["source"] != ChangeSource.SYSTEM


def added_in(entry: EntryDoc) -> list[str]:
    """Return the names of the tags that an entry says were added."""
    return [change["after"]["name"] for change in entry["changes"] if change["before"] is None]


def removed_in(entry: EntryDoc) -> list[str]:
    """Return the names of the tags that an entry says were removed."""
    return [change["before"]["name"] for change in entry["changes"] if change["after"] is None]


def change_title(entry: EntryDoc) -> str:
    said = {"Added": added_in(entry), "removed": removed_in(entry)}
    title = ", ".join(f"{verb} {listed(names)}" for verb, names in said.items() if names)
    return f"{title[:1].upper()}{title[1:]}"


async def add_tags(context: Context, options: Options, profile_id: str, *, tags: Sequence[str]) -> PayloadDoc:
    """Add all of the tags, or none; new ones go into the catalogue in the same transaction (R23)."""

    async def change(edit: Edit) -> None:
        catalogue, source = await catalogue_of(edit, tags), source_of(options)
        new = [name for name in dict.fromkeys(tags) if name not in catalogue]
        await stored.create_tags(edit.workspace, new, source=source, now=edit.now, session=edit.session)
        for name in tags:
            edit.add_tag(name, source=source)
        check_number(len(edit.profile["tags"]), ["tags"], most=MOST_TAGS)

    return await change_profile(context, options, profile_id, change)


async def remove_tags(context: Context, options: Options, profile_id: str, *, tags: Sequence[str]) -> PayloadDoc:
    """Remove all of the tags, or none; those that the profile does not carry are fine (R23)."""

    async def change(edit: Edit) -> None:
        await catalogue_of(edit, tags)
        for name in tags:
            edit.remove_tag(name)

    return await change_profile(context, options, profile_id, change)


async def create_tag(context: Context, options: Options, *, name: str, description: str | None) -> PayloadDoc:
    """Put a tag into the catalogue before any profile carries it (R24)."""

    async def body(session: Session) -> Document:
        check_name(name, ["name"])
        check_description(description)
        await check_free(context, NOUN, name, "There is already a tag with this name.", session=session)
        (made,) = await stored.create_tags(
            context.workspace,
            [name],
            source=source_of(options),
            now=whole_milliseconds(context.now),
            session=session,
            description=description,
        )
        return {"tag": made}

    return await create_in_workspace(context, options, body)


async def update_tag(context: Context, options: Options, tag_id: str, *, description: str | None) -> PayloadDoc:
    """Change what a tag is for; its name stays, since profiles carry it."""

    async def body(session: Session) -> Document:
        tag = await tag_in(context, options, tag_id, session)
        check_description(description)
        if tag["description"] == description:
            return {"tag": tag}
        return {
            "tag": await change_entry(
                context.workspace, NOUN, tag, {"description": description}, now=context.now, session=session
            )
        }

    return await change_workspace(context, options, body)


async def delete_tag(context: Context, options: Options, tag_id: str) -> PayloadDoc:
    """Remove a tag that nobody carries from the catalogue."""

    async def check(tag: TagDoc, session: Session) -> None:
        if tag["source"] == ChangeSource.SYSTEM:
            raise refuse(UserErrorCode.READ_ONLY, ["id"], "This is a system tag; it can't be deleted by hand.")
        carriers = await stored.count_carriers(context.workspace, tag["name"], session=session)
        if carriers:
            message = f"Profiles that carry the tag: {carriers}; remove it from them first (profileTagsRemove)."
            raise refuse(UserErrorCode.IN_USE, ["id"], message)

    return await delete_entry(context, options, NOUN, tag_id, answer="deletedTagId", check=check)


async def catalogue_of(edit: Edit, tags: Sequence[str]) -> Mapping[str, TagDoc]:
    """Return those of the tags that the catalogue has, or refuse invalid names and system tags (R25)."""
    check_number(len(tags), ["tags"], most=MOST_TAGS)
    catalogue: list[TagDoc] = await entries_by_name(edit.workspace, NOUN, tags, session=edit.session)
    system = {tag["name"] for tag in [*catalogue, *edit.profile["tags"]] if tag["source"] == ChangeSource.SYSTEM}
    errors: list[UserError] = []
    for position, name in enumerate(tags):
        field = ["tags", str(position)]
        with gathering(errors):
            check_name(name, field)
            if name in system:
                message = "This is a system tag; it can't be added or removed by hand."
                raise refuse(UserErrorCode.READ_ONLY, field, message)
    if errors:
        raise RefusedError(errors)
    return {tag["name"]: tag for tag in catalogue}


async def tag_in(context: Context, options: Options, tag_id: str, session: Session) -> TagDoc:
    """Return a tag of the catalogue, or refuse its id or its version."""
    tag: TagDoc = await existing(context, options, NOUN, tag_id, session)
    return tag


def check_description(description: str | None) -> None:
    if description is not None:
        check_length(description, ["description"], longest=LONGEST_LINE, blank=True)
