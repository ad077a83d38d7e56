"""`profile-gateway key`: make, list and revoke API keys in the configured store, or in that of a running `run`."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.expiry import parse_expiry
from gateway.cli.options import DataDir, settings_with
from gateway.database import opened
from gateway.embedded.running_stores import mongodb_uri
from gateway.operator_error import OperatorError
from gateway.settings import Settings
from storage import api_keys, workspaces
from storage.api_keys import ApiKey, create_key, has_expired, list_keys, revoke_key
from storage.credentials import Scope
from storage.rules import check_name
from storage.setup import prepare, prepare_workspace
from storage.store.mongo import Database
from storage.store.refusals import RefusedError
from storage.workspaces import workspace_name

T = TypeVar("T")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Make, list and revoke API keys. Uses GATEWAY_MONGODB_URI, else the store of a running `profile-gateway run`.",
)


def read_scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no scope; there are {', '.join(Scope)}.") from None


def read_name(text: str) -> str:
    try:
        return check_name(text, [])
    except RefusedError as error:
        raise typer.BadParameter(str(error)) from None


def read_expiry(text: str) -> datetime:
    try:
        return parse_expiry(text, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None


WorkspaceOption = Annotated[
    str | None,
    typer.Option("--workspace", "-w", help="Workspace of the keys.", show_default="GATEWAY_WORKSPACE, else demo"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@app.command(epilog="Example: profile-gateway key create --name dashboard --scope profiles:read --expires 90d")
def create(
    *,
    name: Annotated[str, typer.Option("--name", "-n", parser=read_name, metavar="TEXT", help="What the key is for.")],
    workspace: WorkspaceOption = None,
    scopes: Annotated[
        list[Scope],
        typer.Option(
            "--scope",
            "-s",
            parser=read_scope,
            metavar="SCOPE",
            help=f"What the key may do; give it again for more: {', '.join(Scope)}.",
        ),
    ] = [Scope.PROFILES_READ],  # noqa: B006 - typer copies it, and shows it as the default
    expires: Annotated[
        datetime | None,
        typer.Option(
            parser=read_expiry,
            metavar="WHEN",
            help="When the key ends: 12h, 30d, 8w, or an ISO date or time in UTC.",
            show_default="never",
        ),
    ] = None,
    new_workspace: Annotated[bool, typer.Option("--new-workspace", help="Make the workspace if it is new.")] = False,
    data_dir: DataDir = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print its token, once: only its hash is stored."""
    settings = settings_with(workspace=workspace, data_dir=data_dir)
    owner = settings.workspace

    async def work(database: Database) -> tuple[str, ApiKey]:
        await database.declare(workspaces.COLLECTION)
        await database.declare(api_keys.COLLECTION)
        if new_workspace:
            await prepare(database)
            await prepare_workspace(database, owner, name=owner)
        elif await workspace_name(database, owner) is None:
            raise OperatorError(f"There is no workspace {owner!r}. To make it, add --new-workspace.")
        return await create_key(database, owner, name=name, scopes=scopes, expires_at=expires)

    token, key = run(settings, work)
    if as_json:
        typer.echo(as_text({"token": token, **key}))
        return
    typer.echo(token)
    ends = f"until {key['expiresAt']:%Y-%m-%d %H:%M} UTC" if "expiresAt" in key else "until it is revoked"
    typer.echo(f"Shown only this once. Valid in {owner} for {', '.join(key['scopes'])}, {ends}.", err=True)
    typer.echo("Send it as a header: Authorization: Bearer <key>", err=True)


@app.command("list", epilog="Example: profile-gateway key list --workspace demo --json")
def show(*, workspace: WorkspaceOption = None, data_dir: DataDir = None, as_json: JsonOption = False) -> None:
    """List the keys of a workspace, the expired and revoked ones too."""
    settings = settings_with(workspace=workspace, data_dir=data_dir)
    owner = settings.workspace
    keys = run(settings, partial(list_keys, workspace=owner))
    if as_json:
        typer.echo(as_text([{**key, "state": state(key)} for key in keys]))
        return
    table = Table("Prefix", "Name", "Scopes", "Created", "Expires (UTC)", "State", title=f"API keys of {owner}")
    for key in keys:
        ends = f"{key['expiresAt']:%Y-%m-%d %H:%M}" if "expiresAt" in key else "never"
        scopes = "\n".join(key["scopes"])
        table.add_row(key["prefix"], key["name"], scopes, f"{key['createdAt']:%Y-%m-%d}", ends, state(key))
    Console(markup=False).print(table)


@app.command(epilog="Example: profile-gateway key revoke pgk_1a2b3c4d")
def revoke(
    *,
    prefix: Annotated[str, typer.Argument(help="Visible part of the key, as `key list` shows it.")],
    workspace: WorkspaceOption = None,
    data_dir: DataDir = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key for good; every gateway refuses it within GATEWAY_CREDENTIAL_CACHE_SECONDS."""
    settings = settings_with(workspace=workspace, data_dir=data_dir)
    owner = settings.workspace
    if not run(settings, partial(revoke_key, workspace=owner, prefix=prefix)):
        raise OperatorError(f"The workspace {owner!r} has no key {prefix!r}. See `profile-gateway key list`.")
    typer.echo(as_text({"prefix": prefix, "revoked": True}) if as_json else f"Revoked {prefix}.")


def run(settings: Settings, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    """Run `work` on the database that the settings, or a running gateway, name."""
    uri = mongodb_uri(settings)
    if uri is None:
        raise OperatorError("No store to work on: set GATEWAY_MONGODB_URI, or start `profile-gateway run` first.")

    async def session() -> T:
        async with opened(settings, uri) as database:
            return await work(database)

    return asyncio.run(session())


def state(key: ApiKey) -> str:
    if "revokedAt" in key:
        return "revoked"
    return "expired" if has_expired(key.get("expiresAt")) else "active"


def as_text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z).decode()
