"""Describe a client's credential to it."""

from datetime import datetime
from typing import TypedDict

from resolvers.context import Context
from storage.credentials import CredentialKind
from storage.workspaces import workspace_name


class WorkspaceDoc(TypedDict):
    """A workspace as its members see it."""

    key: str
    name: str


class ViewerDoc(TypedDict):
    """The credential of an operation."""

    kind: CredentialKind
    id: str
    name: str
    workspace: WorkspaceDoc
    scopes: list[str]
    expiresAt: datetime | None


async def describe_viewer(context: Context) -> ViewerDoc:
    credential = context.credential
    name = await workspace_name(context.workspace.database, credential.workspace)
    return {
        "kind": credential.kind,
        "id": credential.id,
        "name": credential.name,
        "workspace": {"key": credential.workspace, "name": name or credential.workspace},
        "scopes": sorted(credential.scopes),
        "expiresAt": credential.expires_at,
    }
