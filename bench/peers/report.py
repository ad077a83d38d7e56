"""What a measurement tells: tables in the terminal and in docs/performance.md, figures in bench/results."""

import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from bench.peers.servers import NODE, ROOT

RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "performance.md"
DISTRIBUTIONS = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "httptools", "orjson")
LONGEST_NAME = 25
console = Console()


def a_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose first column is text and whose others are figures."""
    table = Table(title=title)
    is_short = max((len(row[0]) for row in rows), default=0) <= LONGEST_NAME
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=is_short and not number)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def publish(name: str, text: str, figures: dict[str, Any]) -> None:
    """Write figures to bench/results, and text between the marks of `name` in docs/performance.md, if it has them."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    file.write_bytes(orjson.dumps({**circumstances(), **figures}, option=orjson.OPT_INDENT_2) + b"\n")
    page = PAGE.read_text()
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    changed = marked.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page)
    if changed != page:
        PAGE.write_text(changed)
    console.print(f"Written to {file.relative_to(ROOT)} and {PAGE.relative_to(ROOT)}.", highlight=False)


def circumstances() -> dict[str, Any]:
    """Return when, on what and with which versions a measurement was made."""
    pinned = orjson.loads((NODE / "package.json").read_bytes())["dependencies"]
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": processor(),
        "versions": {
            "Python": platform.python_version(),
            **{name: version(name) for name in DISTRIBUTIONS},
            "Node.js": subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip(),
            **pinned,
        },
    }


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def number(value: float) -> str:
    """Return a figure with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
