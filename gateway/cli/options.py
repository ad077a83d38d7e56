"""What commands share: options for the settings that people change by hand, and JSON for scripts."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.settings import Settings

Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default="GATEWAY_HOST, else 127.0.0.1")]
Port = Annotated[
    int | None,
    typer.Option(help="Port to listen on; 0 takes a free one.", show_default="GATEWAY_PORT, else 8000"),
]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Where stores, logs and keys are kept.", show_default="GATEWAY_DATA_DIR, else ./data"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def settings_with(**options: Any) -> Settings:
    """Return the settings of the environment, except for the options that were given."""
    return Settings(**{name: value for name, value in options.items() if value is not None})


def print_json(value: Any) -> None:
    options = orjson.OPT_INDENT_2 | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z
    typer.echo(orjson.dumps(value, option=options).decode())
