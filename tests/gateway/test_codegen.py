"""Code generators of others take the schema, and operations with all that is hard in it: what they write works."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import introspection_from_schema, parse, validate

from gateway.settings import Settings
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.store.bus import Bus
from storage.store.ids import from_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from tests.support.asking import Ask
from tests.support.factories import TESTER, add_note
from tests.support.graph import GRAPH
from tests.support.installed_clients import CLIENTS, ROOT, node_clients, python_generators
from tests.support.live.gateways import live_gateway
from tests.support.live.programs import running
from tests.support.world import populate

SCHEMA = ROOT / "schema.graphql"
FILES = CLIENTS / "codegen"
OPERATIONS = FILES / "operations.graphql"
STRICTLY = ("--strict", "--noEmit", "--skipLibCheck", "--target", "es2023", "--module", "nodenext", "--types", "node")
ARIADNE = f"""[tool.ariadne-codegen]
schema_path = "{SCHEMA}"
queries_path = "{OPERATIONS}"
target_package_name = "ariadne_client"
"""


def run(*command: str | Path, within: Path) -> str:
    """Return what a program prints on its standard output; fail with all that it says unless it succeeds."""
    environment = {"SCHEMA": str(SCHEMA), "OPERATIONS": str(OPERATIONS), "OUT": str(within)}
    done = subprocess.run(
        command,
        cwd=within,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def compiled(directory: Path, *names: str) -> None:
    """Compile a program that uses what was written, as strictly as can be."""
    for name in names:
        shutil.copy(FILES / name, directory)
    run(CLIENTS / "node_modules" / ".bin" / "tsc", *STRICTLY, *names, within=directory)


@pytest.mark.parametrize(
    ("generator", "uses"),
    [("graphql-codegen.mjs", "uses-operations.ts"), ("gql-tada.mjs", "uses-documents.ts")],
)
def test_in_typescript(tmp_path: Path, generator: str, uses: str) -> None:
    (tmp_path / "node_modules").symlink_to(node_clients() / "node_modules")
    run("node", FILES / generator, within=tmp_path)
    compiled(tmp_path, uses)


async def test_ariadne_codegen(ask: Ask, workspace: Workspace, bus: Bus, settings: Settings, tmp_path: Path) -> None:
    """Its client reads, changes and follows a profile of a gateway."""
    python = python_generators()
    (tmp_path / "pyproject.toml").write_text(ARIADNE)
    run(python.with_name("ariadne-codegen"), within=tmp_path)
    shutil.copy(FILES / "ariadne_uses.py", tmp_path)
    ids = await populate(ask)
    token, _ = await create_key(workspace.database, workspace.id, name="codegen", scopes=list(Scope))
    async with live_gateway(settings.model_copy(update={"mongodb_database": "shared"})) as gateway:
        given = {"URL": f"{gateway.address}/graphql", "KEY": token, "PROFILE": ids["profile"], "NOTE": ids["note"]}
        async with running([str(python), str(tmp_path / "ariadne_uses.py")], **given) as program:
            await program.until(lambda: program.lines)
            _, profile = from_public(ids["profile"])
            await edit(workspace, profile, lambda it: add_note(it, "Called") and None, actor=TESTER, bus=bus)
            assert await program.ended() == 0, program.errors


def test_sgqlc(tmp_path: Path) -> None:
    """Its types are used by hand: operations in a file can't have required arguments such as `profileId` with it."""
    python = python_generators()
    (tmp_path / "schema.json").write_text(json.dumps(introspection_from_schema(GRAPH)))
    run(python.with_name("sgqlc-codegen"), "schema", "--docstrings", "schema.json", "sgqlc_schema.py", within=tmp_path)
    shutil.copy(FILES / "sgqlc_uses.py", tmp_path)
    written: list[str] = json.loads(run(python, "sgqlc_uses.py", within=tmp_path))
    assert len(written) == 3
    for text in written:
        assert validate(GRAPH, parse(text)) == [], text
