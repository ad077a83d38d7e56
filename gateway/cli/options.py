"""The options that `run` and `serve` share: the settings that one changes by hand."""

from pathlib import Path
from typing import Annotated, Any

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


def settings_with(**options: Any) -> Settings:
    """Return the settings of the environment, except for the options that were given."""
    return Settings(**{name: value for name, value in options.items() if value is not None})
