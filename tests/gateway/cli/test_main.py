"""The command line: what it lists, refuses and prints."""

import subprocess
import sys
from pathlib import Path

import pytest
from graphql import parse, validate

from gateway.cli.main import COMMANDS, main
from gateway.cli.options import settings_with
from gateway.embedded.servers import available
from gateway.running.banner import FIRST_QUERY
from schema import schema

WITHOUT_SERVERS = """
import sys
from gateway.cli.main import main

try:
    main()
finally:
    loaded = [name for name in ("uvicorn", "gateway.running", "gateway.embedded") if name in sys.modules]
    sys.exit(f"imported {loaded}" if loaded else 0)
"""


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Call the command as the shell does, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["profile-gateway", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_help_lists_every_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--help") == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_of_its_own(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, command, "--help") == 0
    assert f"profile-gateway {command}" in capsys.readouterr().out


def test_the_help_of_run_names_the_servers_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "run", "--help") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert f"Here are: {'; '.join(map(str, available('auto')))}." in printed


def test_an_unknown_command_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "fly") == 2
    assert "No such command 'fly'" in capsys.readouterr().err


def test_schema_is_printed_without_loading_a_server() -> None:
    command = [sys.executable, "-c", WITHOUT_SERVERS, "schema"]
    printed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert printed.stdout == schema.as_str() + "\n"


def test_wrong_settings_are_named_without_their_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "99999")
    monkeypatch.setenv("GATEWAY_MAX_DEPTH", "deep")
    assert call(monkeypatch, "serve") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == "profile-gateway: GATEWAY_PORT: Input should be less than or equal to 65535."
    assert second.startswith("profile-gateway: GATEWAY_MAX_DEPTH: Input should be a valid integer")
    assert "deep" not in second


def test_serve_names_the_stores_that_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_REDIS_URL", "redis://localhost/0")
    assert call(monkeypatch, "serve") == 2
    assert "set GATEWAY_MONGODB_URI." in capsys.readouterr().err


def test_other_systems_are_told_where_to_run_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Windows")
    assert call(monkeypatch, "run") == 1
    assert "`profile-gateway serve`" in capsys.readouterr().err


def test_options_override_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "1")
    monkeypatch.setenv("GATEWAY_HOST", "::1")
    settings = settings_with(host=None, port=0, data_dir=Path("elsewhere"))
    assert (settings.host, settings.port, settings.data_dir) == ("::1", 0, Path("elsewhere"))


def test_the_first_query_fits_the_schema() -> None:
    assert validate(schema._schema, parse(FIRST_QUERY)) == []
