"""`Viewer`: the credential that asks."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers.viewer import describe_viewer
from schema.documents import Info
from schema.enums import described
from storage.credentials import CredentialKind

described(
    CredentialKind,
    "How a credential is shown to the gateway",
    API_KEY="Key that the gateway issued",
    TOKEN="Token that the OpenID Connect issuer signed",  # noqa: S106 - a description
)


@strawberry.type(description="Workspace: every credential belongs to one, and sees nothing of others")
class Workspace:
    key: str = strawberry.field(description="Short name that credentials give, unique and unchanging")
    name: str = strawberry.field(description="Name of the workspace for people")


@strawberry.type(description="Credential that the operation is made with")
class Viewer:
    kind: CredentialKind = strawberry.field(description="Kind of the credential")
    id: str = strawberry.field(
        description="Visible prefix of an API key, or subject of a token; `node` does not know it"
    )
    name: str = strawberry.field(description="Name of the credential")
    workspace: Workspace = strawberry.field(description="Workspace that the credential belongs to")
    scopes: list[str] = strawberry.field(description="What the credential may do, for example profiles:read")
    expires_at: datetime | None = strawberry.field(description="Timestamp from which the credential is refused")


def viewer(info: Info) -> Any:
    return describe_viewer(info.context)
