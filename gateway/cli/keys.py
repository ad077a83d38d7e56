"""`profile-gateway key`: make, list and revoke API keys in the configured store, or in that of a running `run`."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.options import DataDir, JsonOption, print_json, settings_with
from gateway.database import open_database
from gateway.embedded.running_stores import find_mongodb
from gateway.errors import OperatorError
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
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
DURATION = re.compile(r"([1-9][0-9]{0,4})([hdw])")

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


def parse_expiry(text: str, *, now: datetime) -> datetime:
    """Read `12h`, `30d`, `8w`, or an ISO date or time (UTC where it names no zone); `ValueError` for all else."""
    duration = DURATION.fullmatch(text)
    if duration:
        return now + int(duration[1]) * UNITS[duration[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a time from now (12h, 30d, 8w) nor an ISO date (2030-12-31)") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment <= now:
        raise ValueError(f"{text!r} is in the past")
    return moment.astimezone(UTC)


def read_expiry(text: str) -> datetime:
    try:
        return parse_expiry(text, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None


WorkspaceOption = Annotated[
    str | None,
    typer.Option("--workspace", "-w", help="Workspace of the keys.", show_default="GATEWAY_WORKSPACE, else demo"),
]


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
        print_json({"token": token, **key})
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
        print_json([{**key, "state": state(key)} for key in keys])
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
    if as_json:
        print_json({"prefix": prefix, "revoked": True})
    else:
        typer.echo(f"Revoked {prefix}.")


def run(settings: Settings, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    """Run `work` on the database that the settings, or a running gateway, name."""
    uri = find_mongodb(settings, purpose="work on")

    async def session() -> T:
        async with open_database(settings, uri) as database:
            return await work(database)

    return asyncio.run(session())


def state(key: ApiKey) -> str:
    if "revokedAt" in key:
        return "revoked"
    return "expired" if has_expired(key.get("expiresAt")) else "active"
