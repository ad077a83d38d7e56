"""What all mutations share: the options of their inputs, and the parts of their payloads."""

import json
from dataclasses import asdict
from hashlib import blake2b

import strawberry
from strawberry.scalars import JSON

from resolvers.mutations import Options
from storage.store.refusals import UserErrorCode

strawberry.enum(UserErrorCode, description="Why a mutation was refused")

OPTIONS = ("idempotency_key", "dry_run")


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

    def options(self, mutation: str) -> Options:
        """Return the options; the fingerprint is of everything that says what to do."""
        said = {name: value for name, value in asdict(self).items() if name not in OPTIONS}
        text = json.dumps([mutation, said], default=str, sort_keys=True)  # orjson refuses integers beyond 64 bits
        return Options(
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


@strawberry.type(description="What every mutation answers with")
class Payload:
    changes: list[Change] = strawberry.field(description="What was changed, or would be")
    user_errors: list[UserError] = strawberry.field(description="Why nothing was changed; empty on success")
