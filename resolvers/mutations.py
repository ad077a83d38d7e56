"""How every mutation runs: the right it needs, its options, its one write, and the payload it answers with."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from loaders import Loaders
from resolvers.context import Context
from resolvers.entries import shown_entries
from resolvers.privacy import shown
from resolvers.refusals import key_of, not_found, user_error
from storage import profiles
from storage.actors import Actor, acting
from storage.beside import find_documents
from storage.credentials import Scope
from storage.declaration import Noun
from storage.idempotency import LONGEST_KEY, Once, recall
from storage.rules import LONGEST_NAME, LONGEST_TEXT, check_length, check_name
from storage.sources import ChangeSource
from storage.store.hints import definitions_channel
from storage.store.mongo import Document, Session
from storage.store.refusals import RefusedError, UserErrorCode, check_version, refuse
from storage.write.edits import edit
from storage.write.once import write_once
from storage.write.working_copy import Edit

P = ParamSpec("P")
PayloadDoc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a mutation: the scope it needs, what its arguments are known by, and what every one may ask for."""

    scope: Scope
    fingerprint: bytes
    idempotency_key: str | None = None
    dry_run: bool = False
    on_behalf_of: str | None = None
    expected_version: int | None = None


Mutate = Callable[Concatenate[Context, Options, P], Coroutine[Any, Any, PayloadDoc]]


def payload(**parts: Any) -> PayloadDoc:
    """Return a payload; what a mutation does not answer with is null."""
    return {"profile": None, "changes": [], "userErrors": [], **parts}


def actor_of(context: Context, options: Options) -> Actor:
    """Return who makes the change, as the journal records it."""
    if options.on_behalf_of is not None:
        check_name(options.on_behalf_of, ["options", "onBehalfOf"])
    return acting(context.credential, source_of(options), on_behalf_of=options.on_behalf_of)


def source_of(options: Options) -> ChangeSource:
    """Return where the change comes from: a profile card when a person is named, else the API (R18, R31)."""
    return ChangeSource.API if options.on_behalf_of is None else ChangeSource.CARD


def once_of(context: Context, options: Options) -> Once | None:
    if options.idempotency_key is None:
        return None
    check_length(options.idempotency_key, ["options", "idempotencyKey"], longest=LONGEST_KEY)
    return Once(options.idempotency_key, context.credential.id, options.fingerprint, context.keep_answers)


def check_unversioned(options: Options) -> None:
    """Refuse to create something at a version."""
    if options.expected_version is not None:
        message = "What is created has no version yet; leave this out."
        raise refuse(UserErrorCode.INVALID_VALUE, ["options", "expectedVersion"], message)


def refusable(work: Callable[Concatenate[Context, Options, P], Awaitable[PayloadDoc]]) -> Mutate[P]:
    """Require the scope that the options name, and answer what is refused with a payload that says why."""

    @wraps(work)
    async def run(context: Context, options: Options, /, *args: P.args, **kwargs: P.kwargs) -> PayloadDoc:
        context.credential.require(options.scope)
        context.loaders = Loaders(context.workspace)  # what an earlier mutation of the operation has loaded is stale
        try:
            return await work(context, options, *args, **kwargs)
        except RefusedError as refused:
            return payload(userErrors=[user_error(error) for error in refused.errors])

    return run


@refusable
async def change_profile(
    context: Context,
    options: Options,
    profile_id: str,
    change: Callable[[Edit], Awaitable[None] | None],
    *,
    argument: str = "id",
) -> PayloadDoc:
    """Change a profile by `change`; what `change` puts into `made` is part of the payload."""
    key = key_of(profile_id, profiles.NOUN, [argument])
    return await changed(context, options, key, change, field=[argument], expected_version=options.expected_version)


@refusable
async def create_profile_at(
    context: Context, options: Options, key: bytes, change: Callable[[Edit], Awaitable[None] | None]
) -> PayloadDoc:
    """Create a profile under a new key, and change it at once."""
    check_unversioned(options)
    return await changed(context, options, key, change, field=[], created_at=context.now)


@refusable
async def create_beside(
    context: Context,
    options: Options,
    profile_id: str,
    change: Callable[[Edit], Awaitable[None] | None],
) -> PayloadDoc:
    """Create something of a profile by `change`, whose version does not count: what is made is new."""
    check_unversioned(options)
    key = key_of(profile_id, profiles.NOUN, ["profileId"])
    return await changed(context, options, key, change, field=["profileId"])


@refusable
async def change_beside(
    context: Context,
    options: Options,
    noun: Noun,
    id: str,
    change: Callable[[Edit, Any], None],
) -> PayloadDoc:
    """Change a document that stands beside a profile, found by its own id; `change` gets it as it is."""
    key = key_of(id, noun, ["id"])
    found = await find_documents(context.workspace, noun, [key])
    if not found:
        once = once_of(context, options)  # the retry of what deleted it gets its answer all the same
        earlier = await recall(context.workspace, once, None) if once else None
        if earlier is None:
            raise not_found(["id"])
        return await answer_of(context, earlier)

    async def change_it(working: Edit) -> None:
        current = await working.workspace.by_id(noun.collection.name, [key], session=working.session)
        if not current:
            raise not_found(["id"])
        check_version(current[0]["version"], options.expected_version)
        change(working, current[0])

    return await changed(context, options, found[0]["profile"], change_it, field=["id"])


async def changed(
    context: Context,
    options: Options,
    profile: bytes,
    change: Callable[[Edit], Awaitable[None] | None],
    *,
    field: Sequence[str],
    created_at: datetime | None = None,
    expected_version: int | None = None,
) -> PayloadDoc:
    outcome = await edit(
        context.workspace,
        profile,
        change,
        actor=actor_of(context, options),
        bus=context.bus,
        created_at=created_at,
        expected_version=expected_version,
        once=once_of(context, options),
        dry_run=options.dry_run,
    )
    if outcome is None:
        raise not_found(field)
    return await answer_of(context, outcome)


async def answer_of(context: Context, outcome: Mapping[str, Any]) -> PayloadDoc:
    """Return the payload of a change, as the credential may see it."""
    return payload(
        profile=(await shown(context, [outcome["profile"]]))[0],
        changes=await shown_entries(context, outcome["changes"]),
        **outcome["made"],
    )


@refusable
async def change_workspace(
    context: Context, options: Options, body: Callable[[Session], Coroutine[Any, Any, Document]]
) -> PayloadDoc:
    """Change something of the workspace, such as a definition, in one transaction; `body` returns what was made."""
    actor_of(context, options)
    once = once_of(context, options)
    made, repeated = await write_once(context.workspace, body, once=once, dry_run=options.dry_run)
    if context.bus is not None and not repeated and not options.dry_run:
        await context.bus.hint({definitions_channel(context.workspace.id): ""})
    return payload(**made)


async def create_in_workspace(
    context: Context, options: Options, body: Callable[[Session], Coroutine[Any, Any, Document]]
) -> PayloadDoc:
    """Create something of the workspace, as `change_workspace` changes it."""

    async def create(session: Session) -> Document:
        check_unversioned(options)
        return await body(session)

    return await change_workspace(context, options, create)


async def existing(context: Context, options: Options, noun: Noun, id: str, session: Session) -> Any:
    """Return a document of the workspace as its transaction sees it, or refuse its id, or its version."""
    found = await context.workspace.by_id(noun.collection.name, [key_of(id, noun, ["id"])], session=session)
    if not found:
        raise not_found(["id"])
    check_version(found[0]["version"], options.expected_version)
    return found[0]


def titled(title: str, text: str) -> tuple[str, str]:
    """Return the title and text of a note or task, or refuse what is too long or blank."""
    check_length(title, ["title"], longest=LONGEST_NAME)
    return title, check_length(text, ["text"], longest=LONGEST_TEXT, blank=True)
