"""`profile-gateway work`: a process that works on jobs and serves nobody."""

import typer

from gateway.cli.options import DataDir, settings_with
from gateway.embedded.running_stores import find_mongodb
from gateway.running.working import work

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    name="work",
    epilog="Example: GATEWAY_MONGODB_URI=mongodb://db/?replicaSet=rs0 GATEWAY_REDIS_URL=redis://cache/0 "
    "profile-gateway work",
)
def main(data_dir: DataDir = None) -> None:
    """Work on jobs, such as imports that the API was asked for, and on columns, until SIGTERM or Ctrl-C.

    `run` and `serve` do so as well, unless GATEWAY_WORKERS=off. Any number of processes share the work. Without
    GATEWAY_REDIS_URL a job begins up to three seconds after it was asked for.
    """
    settings = settings_with(data_dir=data_dir)
    work(settings, find_mongodb(settings, purpose="work over"))
