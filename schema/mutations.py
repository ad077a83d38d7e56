"""What all mutations share: how one is declared, the options of each, and the parts of their payloads."""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from hashlib import blake2b
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from resolvers.mutations import Options, PayloadDoc
from schema.documents import Info
from schema.entries import ChangeEntry
from schema.user_errors import UserError
from storage.credentials import Scope

if TYPE_CHECKING:
    from schema.profiles import Profile

Answer = Awaitable[PayloadDoc]
LazyProfile = Annotated["Profile", strawberry.lazy("schema.profiles")]  # a profile has fields of nearly every noun
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Id of the profile")]


@strawberry.input(description="Options of every mutation")
class WriteOptions:
    expected_version: int | None = strawberry.field(
        default=None,
        description="Version that what is changed must be at, of a device its profile; another refuses the mutation. "
        "What is created has none",
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="Key that makes a retry safe: it gets the first answer, and nothing is done twice",
    )
    dry_run: bool | None = strawberry.field(
        default=False,
        description=(
            "Whether to answer as if it were done, and write nothing; "
            "with the idempotencyKey of something done, the answer is the one given then. "
            "What leads from the answer to other objects, or to lists, is as it is stored"
        ),
    )
    on_behalf_of: str | None = strawberry.field(
        default=None, description="Person for whom the credential acts, as the history should name them"
    )


@strawberry.type
class Payload:
    user_errors: list[UserError] = strawberry.field(description="Why nothing was changed; empty on success")


def mutation(
    payload: type[Payload], scope: Scope, description: str
) -> Callable[[Callable[..., Answer]], StrawberryField]:
    """Declare a mutation by a function of the context, the options, and then the arguments of the field.

    The function's name is the field's, and its parameters are the arguments, with `options` added after them. The
    payload is a type of the mutation's own with the fields of `payload`. The credential needs `scope`.
    """

    def declare(work: Callable[..., Answer]) -> StrawberryField:
        name = to_camel_case(work.__name__)
        given = list(inspect.signature(work).parameters.values())[2:]

        def resolve(info: Info, options: WriteOptions | None = UNSET, **arguments: Any) -> Answer:
            how = options or WriteOptions()
            return work(info.context, options_of(name, scope, how, arguments), **arguments)

        info, options, _ = inspect.signature(resolve).parameters.values()
        named = options.replace(annotation=Annotated[WriteOptions | None, strawberry.argument(description=OPTIONS)])
        keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*map(described, given), named)]
        resolve.__signature__ = inspect.Signature([info, *keyword])  # type: ignore[attr-defined]  # what strawberry reads
        resolve.__name__ = work.__name__
        own = type(f"{name[0].upper()}{name[1:]}Payload", (payload,), {})
        answer = strawberry.type(own, description=f"What came of {name}")
        return strawberry.field(resolve, graphql_type=answer | None, description=description)

    return declare


OPTIONS = "How to write; the defaults without it"


def described(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter whose argument has a description: its own, or that of its input type."""
    if getattr(parameter.annotation, "__metadata__", ()):
        return parameter
    about = parameter.annotation.__strawberry_definition__.description
    given: Any = parameter.annotation
    annotation = Annotated[given, strawberry.argument(description=about.partition(";")[0])]
    return parameter.replace(annotation=annotation)


def options_of(mutation: str, scope: Scope, options: WriteOptions, arguments: dict[str, Any]) -> Options:
    """Return how to write; the fingerprint is of everything that says what to do."""
    content = {name: asdict(value) if is_dataclass(value) else value for name, value in arguments.items()}  # type: ignore[arg-type]  # no class
    said = [mutation, content, options.expected_version, options.on_behalf_of]
    text = json.dumps(said, default=str, sort_keys=True)  # orjson refuses integers beyond 64 bits
    return Options(
        scope=scope,
        fingerprint=blake2b(text.encode(), digest_size=16).digest(),
        idempotency_key=options.idempotency_key,
        dry_run=bool(options.dry_run),
        on_behalf_of=options.on_behalf_of,
        expected_version=options.expected_version,
    )


def mutations_of(*nouns: ModuleType) -> list[StrawberryField]:
    """Return what `mutation` declares in these modules, in its order there."""
    return [field for noun in nouns for field in vars(noun).values() if isinstance(field, StrawberryField)]


@strawberry.type
class ChangePayload(Payload):
    changes: list[ChangeEntry] = strawberry.field(
        description="Entries of the timeline that tell of it; in a dry run, those that it would get"
    )


def as_it_is(what: str) -> Any:
    """Return the field of a payload that answers with what was created or changed."""
    return strawberry.field(description=f"{what} as it is now; null when refused")


@strawberry.type
class ProfilePayload(ChangePayload):
    profile: LazyProfile | None = as_it_is("Profile")
