"""Tags: the catalogue, those of a profile, and how both are edited."""

from collections.abc import Mapping, Sequence

from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.mutations import (
    Options,
    PayloadDoc,
    catalogue_change,
    change_profile,
    change_workspace,
    key_of,
    not_found,
)
from storage import tags as stored
from storage.credentials import Scope
from storage.rules import LONGEST_LINE, MOST_TAGS, check_length, check_name, check_number
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document, Session
from storage.store.pages import PageRequest
from storage.store.refusals import RefusedError, UserError, UserErrorCode, gathering, refuse
from storage.tags import NOUN, ProfileTag, TagDoc, TagSource
from storage.write.working_copy import Edit


async def list_tags(context: Context, page: PageRequest) -> ConnectionDoc:
    context.credential.require(Scope.PROFILES_READ)
    return connection(await stored.list_tags(context.workspace, page))


async def profile_count_of(context: Context, tag: TagDoc) -> int:
    """Return how many profiles carry the tag (R24)."""
    return await context.loaders.profiles_by_tag.load(tag["name"])


def is_removable(tag: ProfileTag) -> bool:
    """Return whether the tag can be removed by hand: system tags can't (R25)."""
    return tag["source"] != TagSource.SYSTEM


async def add_tags(context: Context, options: Options, profile_id: str, *, tags: Sequence[str]) -> PayloadDoc:
    """Add all of the tags, or none; new ones go into the catalogue in the same transaction (R23)."""

    async def change(edit: Edit) -> None:
        catalogue = await catalogue_of(edit, tags)
        new = [name for name in dict.fromkeys(tags) if name not in catalogue]
        await stored.create_tags(edit.workspace, new, source=TagSource.USER, now=edit.now, session=edit.session)
        for name in tags:
            edit.add_tag(name, source=TagSource.USER)
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
        if await stored.tags_by_name(context.workspace, [name], session=session):
            raise refuse(UserErrorCode.ALREADY_EXISTS, ["name"], "There is already a tag with this name.")
        (made,) = await stored.create_tags(
            context.workspace,
            [name],
            source=TagSource.USER,
            now=whole_milliseconds(context.now),
            session=session,
            description=description,
        )
        return {"tag": made, "changes": [catalogue_change("tags", None, made)]}

    return await change_workspace(context, options, body)


async def update_tag(context: Context, options: Options, *, tag_id: str, description: str | None) -> PayloadDoc:
    """Change what a tag is for; its name stays, since profiles carry it."""

    async def body(session: Session) -> Document:
        tag = await tag_in(context, tag_id, session)
        check_description(description)
        if tag["description"] == description:
            return {"tag": tag}
        after = await stored.describe_tag(context.workspace, tag, description, session=session)
        return {"tag": after, "changes": [catalogue_change("tags", tag, after)]}

    return await change_workspace(context, options, body)


async def delete_tag(context: Context, options: Options, *, tag_id: str) -> PayloadDoc:
    """Remove a tag that nobody carries from the catalogue."""

    async def body(session: Session) -> Document:
        tag = await tag_in(context, tag_id, session)
        if tag["source"] == TagSource.SYSTEM:
            raise refuse(UserErrorCode.SYSTEM_TAG, ["tagId"], "This is a system tag; it can't be deleted by hand.")
        carriers = await stored.count_carriers(context.workspace, tag["name"], session=session)
        if carriers:
            message = f"Profiles that carry the tag: {carriers}; remove it from them first (tagRemove)."
            raise refuse(UserErrorCode.INVALID_VALUE, ["tagId"], message)
        await stored.delete_tag(context.workspace, tag, session=session)
        return {"deletedTagId": tag_id, "changes": [catalogue_change("tags", tag, None)]}

    return await change_workspace(context, options, body)


async def catalogue_of(edit: Edit, tags: Sequence[str]) -> Mapping[str, TagDoc]:
    """Return those of the tags that the catalogue has, or refuse invalid names and system tags (R25)."""
    check_number(len(tags), ["tags"], most=MOST_TAGS)
    catalogue = await stored.tags_by_name(edit.workspace, tags, session=edit.session)
    system = {tag["name"] for tag in [*catalogue, *edit.profile["tags"]] if tag["source"] == TagSource.SYSTEM}
    errors: list[UserError] = []
    for position, name in enumerate(tags):
        field = ["tags", str(position)]
        with gathering(errors):
            check_name(name, field)
            if name in system:
                message = "This is a system tag; it can't be added or removed by hand."
                raise refuse(UserErrorCode.SYSTEM_TAG, field, message)
    if errors:
        raise RefusedError(errors)
    return {tag["name"]: tag for tag in catalogue}


async def tag_in(context: Context, tag_id: str, session: Session) -> TagDoc:
    """Return a tag of the catalogue, or refuse its id."""
    tags = await stored.tags_by_id(context.workspace, [key_of(tag_id, NOUN.prefix, ["tagId"])], session=session)
    if not tags:
        raise not_found(["tagId"])
    return tags[0]


def check_description(description: str | None) -> None:
    if description is not None:
        check_length(description, ["description"], longest=LONGEST_LINE, blank=True)
