"""`profile-gateway run`: stores, demo data and the gateway on one machine."""

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from gateway.cli.options import DataDir, Host, Port, settings_with
from gateway.embedded.servers import available
from gateway.running.all_in_one import run

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

DemoData = Annotated[
    str | None,
    typer.Option(help="Data set to load on the first start; '' for none.", show_default="GATEWAY_DEMO_DATA, else ecom"),
]


class RunCommand(TyperCommand):
    """Its help names the servers of this machine, which are asked for their versions only then."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        servers = "; ".join(map(str, available("auto"))) or "none"
        self.help = f"{self.help}\n\nHere are: {servers}."
        super().format_help(ctx, formatter)


@app.command(
    name="run",
    cls=RunCommand,
    epilog="Examples: profile-gateway run | profile-gateway run --port 0 --data-dir ./demo --demo-data ''",
)
def main(host: Host = None, port: Port = None, data_dir: DataDir = None, demo_data: DemoData = None) -> None:
    """Start everything on this machine, and stop it with Ctrl-C.

    Brings a MongoDB and a Redis of its own, unless GATEWAY_MONGODB_URI or GATEWAY_REDIS_URL name one, loads the demo
    data on the first start, and prints the address, the GraphiQL link, and a first query with the development key.
    Everything is kept in the data directory: stores, logs, the key in `dev-key`, the current address in `address`.

    Its MongoDB is the first server that is here and opens the data directory, or what GATEWAY_EMBEDDED_STORE names.
    """
    run(settings_with(host=host, port=port, data_dir=data_dir, demo_data=demo_data))
