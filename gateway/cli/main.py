"""The command `profile-gateway`; each subcommand is a module of its own, imported when it is called.

Servers, drivers and the schema take seconds to import. So `--help` answers at once, and `schema` loads no server.
"""

import platform
import sys
from importlib import import_module
from typing import Any, NamedTuple

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from gateway.errors import OperatorError
from storage.store.errors import GatewayError


class Command(NamedTuple):
    """A subcommand: the module whose `app` it is, and its line in the list."""

    module: str
    help: str


COMMANDS = {
    "run": Command("gateway.cli.run", "Start everything on this machine: stores, demo data, and the gateway."),
    "serve": Command("gateway.cli.serve", "Start the gateway alone, over a MongoDB and a Redis of your own."),
    "load": Command("gateway.cli.load", "Load a demo data set: ecom, cdnow."),
    "key": Command("gateway.cli.keys", "Make, list and revoke API keys."),
    "work": Command("gateway.cli.work", "Work on jobs, such as imports, and on columns alone."),
    "import": Command("gateway.cli.imports", "Import profiles from a CSV or NDJSON file."),
    "verify": Command(
        "gateway.cli.verify", "Verify that profiles, journal, identifiers and columns agree; repair what is derived."
    ),
    "columns": Command("gateway.cli.columns", "Make the columns that figures are computed from anew."),
    "schema": Command("gateway.cli.schema", "Print the GraphQL schema (SDL)."),
}


class Subcommands(TyperGroup):
    """Lists the subcommands by their lines alone, and imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the caller's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002 - the same
        command = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=command.help) if command else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        command = COMMANDS.get(name or "")
        return name, get_command(import_module(command.module).app) if command else listed, rest


app = typer.Typer(
    cls=Subcommands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A GraphQL gateway to everything that is known about a customer.",
    epilog="Every setting is an environment variable, GATEWAY_..., listed in the README. "
    "Start here: profile-gateway run",
)


@app.callback()
def root() -> None: ...


def main() -> None:
    """Run the command line; errors that the caller can correct are printed as sentences, without a traceback."""
    if platform.system() == "Windows":
        complain("It runs on Linux and macOS. On Windows start it in WSL, or `profile-gateway serve` in a container.")
        sys.exit(1)
    try:
        app()
    except ValidationError as error:
        if error.title != "Settings":
            raise
        complain(*problems(error))
        sys.exit(2)
    except OperatorError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except GatewayError as error:
        complain(error.message)
        sys.exit(1)


def problems(error: ValidationError) -> list[str]:
    """Return a sentence for each setting that is wrong; values are left out, since they may be secrets."""
    return [f"GATEWAY_{str(item['loc'][0]).upper()}: {item['msg']}." for item in error.errors()]


def complain(*sentences: str) -> None:
    for sentence in sentences:
        typer.echo(f"profile-gateway: {sentence}", err=True)


if __name__ == "__main__":
    main()
