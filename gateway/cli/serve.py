"""`profile-gateway serve`: the gateway alone, for production."""

import typer

from gateway.cli.options import DataDir, Host, Port, settings_with
from gateway.errors import OperatorError
from gateway.running.process import serve

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    name="serve",
    epilog="Example: GATEWAY_MONGODB_URI=mongodb://db/?replicaSet=rs0 GATEWAY_REDIS_URL=redis://cache/0 "
    "profile-gateway serve --host 0.0.0.0",
)
def main(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Start the gateway alone, over a MongoDB and a Redis of your own.

    GATEWAY_MONGODB_URI names a replica set or sharded cluster, GATEWAY_REDIS_URL a Redis or Valkey. On SIGTERM it
    takes no more connections, finishes what runs, and exits within GATEWAY_SHUTDOWN_GRACE seconds.
    """
    settings = settings_with(host=host, port=port, data_dir=data_dir)
    stores = {"GATEWAY_MONGODB_URI": settings.mongodb_uri, "GATEWAY_REDIS_URL": settings.redis_url}
    missing = [name for name, address in stores.items() if address is None]
    if missing:
        raise OperatorError(
            f"`serve` needs stores: set {' and '.join(missing)}. "
            "`profile-gateway run` brings its own, for one machine.",
            exit_code=2,
        )
    serve(settings)
