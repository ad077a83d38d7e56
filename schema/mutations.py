"""What all mutations share: how one is declared, the options of their inputs, and the parts of their payloads."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from hashlib import blake2b
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry
from strawberry.scalars import JSON
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc
from schema.documents import Info
from storage.credentials import Scope
from storage.store.refusals import UserErrorCode

if TYPE_CHECKING:
    from schema.profiles import Profile

strawberry.enum(UserErrorCode, description="Why a mutation was refused")

InputT = TypeVar("InputT", bound="MutationInput")
Answer = Awaitable[PayloadDoc]
LazyProfile = Annotated["Profile", strawberry.lazy("schema.profiles")]  # a profile has fields of nearly every noun
OPTIONS = ("idempotency_key", "dry_run")


def mutation(
    payload: type, scope: Scope, description: str, *, argument: str | None = None
) -> Callable[[Callable[[Context, Options, InputT], Answer]], StrawberryField]:
    """Declare a mutation by a function of the context, the options and the input.

    The function's name is the field's, and the annotation of `input` is the type of its only argument. That is
    described by `argument`, else by the first clause of its type's description. The credential needs `scope`.
    """

    def declare(work: Callable[[Context, Options, InputT], Answer]) -> StrawberryField:
        name, input_type = work.__name__, work.__annotations__["input"]
        about = argument or re.split("[,;]", input_type.__strawberry_definition__.description)[0]

        def resolve(info: Info, input: InputT) -> Answer:
            return work(info.context, input.options(to_camel_case(name), scope), input)

        resolve.__name__ = name
        resolve.__annotations__["input"] = Annotated[input_type, strawberry.argument(description=about)]
        return strawberry.field(resolve, graphql_type=payload | None, description=description)

    return declare


def mutations_of(*nouns: ModuleType) -> list[StrawberryField]:
    """Return what `mutation` declares in these modules, in its order there."""
    return [field for noun in nouns for field in vars(noun).values() if isinstance(field, StrawberryField)]


@strawberry.input(description="Options of every mutation")
class MutationInput:
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="Key that makes a retry safe: it gets the first answer, and nothing is done twice",
    )
    dry_run: bool = strawberry.field(
        default=False,
        description=(
            "Whether to answer as if it were done, and write nothing; "
            "with the idempotencyKey of something done, the answer is the one given then"
        ),
    )
    on_behalf_of: str | None = strawberry.field(
        default=None, description="Person for whom the credential acts, as the history should name them"
    )

    def options(self, mutation: str, scope: Scope) -> Options:
        """Return the options; the fingerprint is of everything that says what to do."""
        content = {name: value for name, value in asdict(self).items() if name not in OPTIONS}
        text = json.dumps([mutation, content], default=str, sort_keys=True)  # orjson refuses integers beyond 64 bits
        return Options(
            scope=scope,
            fingerprint=blake2b(text.encode(), digest_size=16).digest(),
            idempotency_key=self.idempotency_key,
            dry_run=self.dry_run,
            on_behalf_of=self.on_behalf_of,
            expected_version=getattr(self, "expected_version", None),
        )


@strawberry.input(description="Options of every mutation of a profile")
class ProfileMutationInput(MutationInput):
    profile_id: strawberry.ID = strawberry.field(description="Id of the profile")
    expected_version: int | None = strawberry.field(
        default=None, description="Version that the profile must be at; another refuses the mutation"
    )


@strawberry.type(description="Refusal: what is wrong with the input, and where; nothing was changed")
class UserError:
    code: UserErrorCode = strawberry.field(description="Kind of the refusal, for programs")
    field: list[str] = strawberry.field(description="Path of the input's field")
    message: str = strawberry.field(description="Explanation for people")


@strawberry.type(description="Change of one field; null stands for nothing there")
class Change:
    field: str = strawberry.field(description="Field that changed, for example attributes.city")
    before: JSON | None = strawberry.field(description="What it was; null without personal:read where it is personal")
    after: JSON | None = strawberry.field(description="What it became; likewise")


@strawberry.type(description="What every mutation answers with")
class Payload:
    changes: list[Change] = strawberry.field(description="What was changed, or would be")
    user_errors: list[UserError] = strawberry.field(description="Why nothing was changed; empty on success")


def as_it_is(what: str) -> Any:
    """Return the field of a payload that answers with a thing that was created or changed."""
    return strawberry.field(description=f"{what} as it is now; null when refused")


@strawberry.type(description="What came of making or editing a profile")
class ProfilePayload(Payload):
    profile: LazyProfile | None = as_it_is("Profile")
