"""How every mutation runs: the right it needs, its options, its one write, and the payload it answers with."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypedDict

from loaders import Loaders
from resolvers.context import Context
from resolvers.privacy import shown
from storage.attributes import AttributeSource
from storage.changes import Change
from storage.credentials import Scope
from storage.idempotency import LONGEST_KEY, Once
from storage.parts import PARTS
from storage.profiles import NOUN
from storage.rules import LONGEST_NAME, LONGEST_TEXT, check_length, check_name
from storage.store.errors import BadInputError
from storage.store.ids import from_public, to_public
from storage.store.mongo import Document, Session
from storage.store.refusals import RefusedError, UserError, UserErrorCode, refuse
from storage.write.edits import edit
from storage.write.once import write_once
from storage.write.working_copy import Edit
from storage.write.writing import Actor

OPEN_PARTS = tuple(f"{part.name}." for part in PARTS if not part.personal)
INNER_KEYS = frozenset({"_id", "workspace", "profile", "dueKey"})
P = ParamSpec("P")
PayloadDoc = dict[str, Any]
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a mutation: the scope it needs, what its input is known by, and what every input may ask for."""

    scope: Scope
    fingerprint: bytes
    idempotency_key: str | None = None
    dry_run: bool = False
    on_behalf_of: str | None = None
    expected_version: int | None = None


Mutate = Callable[Concatenate[Context, Options, P], Coroutine[Any, Any, PayloadDoc]]


class UserErrorDoc(TypedDict):
    """A refusal as clients see it."""

    code: UserErrorCode
    field: list[str]
    message: str


class ChangeDoc(TypedDict):
    """A change as clients see it."""

    field: str
    before: Any
    after: Any


def payload(**parts: Any) -> PayloadDoc:
    """Return a payload; what a mutation does not answer with is null."""
    return {"profile": None, "changes": [], "userErrors": [], **parts}


def actor_of(context: Context, options: Options) -> Actor:
    """Return who makes the change, as the journal records it."""
    if options.on_behalf_of is not None:
        check_name(options.on_behalf_of, ["onBehalfOf"])
    return Actor(name=context.credential.id, source=source_of(options), user=options.on_behalf_of)


def source_of(options: Options) -> AttributeSource:
    """Return where the change comes from: a profile card when a person is named, else the API (R18, R31)."""
    return AttributeSource.API if options.on_behalf_of is None else AttributeSource.CARD


def author_of(context: Context, options: Options) -> str:
    """Return the author's name: that of the person for whom the credential acts, else the credential's own."""
    return options.on_behalf_of or context.credential.name


def once_of(context: Context, options: Options) -> Once | None:
    if options.idempotency_key is None:
        return None
    check_length(options.idempotency_key, ["idempotencyKey"], longest=LONGEST_KEY)
    return Once(options.idempotency_key, context.credential.id, options.fingerprint, context.keep_answers)


def profile_key(id: str, field: Sequence[str] = ("profileId",)) -> bytes:
    """Return the bytes of a profile's id; any other id is refused like one that does not exist."""
    return key_of(id, NOUN.prefix, field)


def key_of(id: str, prefix: str, field: Sequence[str]) -> bytes:
    """Return the bytes of an id of one type, or refuse it as not found."""
    try:
        type_prefix, key = from_public(id)
    except BadInputError as error:
        raise refuse(UserErrorCode.NOT_FOUND, field, error.message) from error
    if type_prefix != prefix:
        raise not_found(field)
    return key


def not_found(field: Sequence[str]) -> RefusedError:
    return refuse(UserErrorCode.NOT_FOUND, field, "There is nothing with this id.")


def refusable(work: Callable[Concatenate[Context, Options, P], Awaitable[PayloadDoc]]) -> Mutate[P]:
    """Require the scope that the options name, and answer what is refused with a payload that says why."""

    @wraps(work)
    async def run(context: Context, options: Options, /, *args: P.args, **kwargs: P.kwargs) -> PayloadDoc:
        context.credential.require(options.scope)
        context.loaders = Loaders(context.workspace)  # what an earlier mutation of the operation has loaded is stale
        try:
            return await work(context, options, *args, **kwargs)
        except RefusedError as refused:
            return payload(userErrors=[user_error(context, error) for error in refused.errors])

    return run


@refusable
async def change_profile(
    context: Context,
    options: Options,
    profile_id: str,
    change: Callable[[Edit], Awaitable[None] | None],
    *,
    created_at: datetime | None = None,
) -> PayloadDoc:
    """Change a profile by `change`; what `change` puts into `made` is part of the payload.

    With `created_at` the profile is created; without it an unknown id is refused.
    """
    outcome = await edit(
        context.workspace,
        profile_key(profile_id),
        change,
        actor=actor_of(context, options),
        bus=context.bus,
        created_at=created_at,
        expected_version=options.expected_version,
        once=once_of(context, options),
        dry_run=options.dry_run,
    )
    if outcome is None:
        raise not_found(["profileId"])
    return payload(
        profile=(await shown(context, [outcome["profile"]]))[0],
        changes=shown_changes(context, outcome["changes"]),
        **outcome["made"],
    )


@refusable
async def change_workspace(
    context: Context, options: Options, body: Callable[[Session], Coroutine[Any, Any, Document]]
) -> PayloadDoc:
    """Change something of the workspace, such as a definition, in one transaction; `body` returns what was made."""
    actor_of(context, options)
    made, _ = await write_once(context.workspace, body, once=once_of(context, options), dry_run=options.dry_run)
    return payload(**made)


def user_error(context: Context, error: UserError) -> UserErrorDoc:
    """Return a refusal for the client; it names the other profile only to those who could look that up."""
    message = error.message
    if error.owner is not None and context.sees_personal and Scope.PROFILES_READ in context.credential.scopes:
        message = f"{message} It is {to_public(NOUN.prefix, error.owner)}."
    return {"code": error.code, "field": list(error.field), "message": message}


def shown_changes(context: Context, changes: Sequence[Change]) -> list[ChangeDoc]:
    """Return changes for the client; values that may be personal are left out for one that may not see them."""
    return [
        {"field": change["field"], "before": plain(change["before"]), "after": plain(change["after"])}
        if context.sees_personal or change["field"].startswith(OPEN_PARTS)
        else {"field": change["field"], "before": None, "after": None}
        for change in changes
    ]


def catalogue_change(part: str, before: Entry | None, after: Entry | None) -> ChangeDoc:
    """Return how an entry of a catalogue, such as a definition, changed; None stands for nothing there."""
    name = next(entry["name"] for entry in (before, after) if entry is not None)
    return {"field": f"{part}.{name}", "before": plain(before), "after": plain(after)}


def plain(value: Any) -> Any:
    """Return a stored value as JSON: times as text, ids in hexadecimal, and no keys that only storage needs."""
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Mapping():
            return {key: plain(item) for key, item in value.items() if key not in INNER_KEYS}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def titled(title: str, text: str) -> tuple[str, str]:
    """Return the title and text of a note or task, or refuse what is too long or blank."""
    check_length(title, ["title"], longest=LONGEST_NAME)
    return title, check_length(text, ["text"], longest=LONGEST_TEXT, blank=True)
