"""Where the processor time of the 50-profile query goes, by samples: a flame graph, and what costs most.

It needs py-spy on PATH, which is no dependency of the gateway: `pip install py-spy` into a venv of its own.
"""

import asyncio
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from os.path import relpath
from pathlib import Path

from bench.peers.documents import TOKEN
from bench.peers.load import pressed, request_of
from bench.peers.over_store import gateway_settings
from bench.peers.queries import dashboard
from bench.peers.report import a_table, console, markdown, publish
from bench.peers.servers import ROOT, Variant, serving
from bench.peers.store import stores

SVG = ROOT / "docs" / "queries.svg"
SECONDS, STARTING, WARMING, RATE, CONNECTIONS, SHOWN = 30, 1, 4.0, 100, 2, 12
FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+?)(:\d+)?\)")


async def draw_flames(names: list[str], *, rounds: int, directory: Path) -> bool:  # noqa: ARG001 - one picture
    """Record twice, once as a picture and once to count, and publish both."""
    if shutil.which("py-spy") is None:
        console.print("No flame graph: py-spy is not on PATH.")
        return True
    raw = directory / "stacks.txt"
    async with stores() as found:
        settings = gateway_settings(found, directory)
        variant = Variant("gateway", "gateway", (sys.executable, "-m", "gateway.cli.main", "serve"), settings)
        await asyncio.to_thread(record, variant, directory, {"flamegraph": SVG, "raw": raw})
    own, within = counted(raw.read_text())
    areas = told(within)
    functions = told(own)
    columns = ("part", "share of the samples")
    a_table("Samples by the innermost part of ours, or library", columns, areas)
    a_table("Samples by function", columns, functions)
    publish("flames", markdown(columns, areas), {"parts": areas, "functions": functions})
    return True


def record(variant: Variant, directory: Path, files: Mapping[str, Path]) -> None:
    """Record the server's stacks into each file, in its format, while clients ask without a pause."""
    request = request_of(dashboard(), TOKEN)
    with serving(variant, directory) as server:
        pressed([server.port], request, connections=CONNECTIONS, seconds=WARMING)
        for kind, file in files.items():
            options = {
                "pid": server.process.pid,
                "duration": SECONDS,
                "rate": RATE,
                "format": kind,
                "output": relpath(file, ROOT),
            }
            said = [f"--{name}={value}" for name, value in options.items()]
            with (directory / "py-spy.log").open("wb") as log:
                sampling = subprocess.Popen(
                    ["py-spy", "record", "--nonblocking", "--gil", "--function", *said],
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                )
                pressed([server.port], request, connections=CONNECTIONS, seconds=SECONDS + STARTING)
                if sampling.wait(SECONDS):
                    raise RuntimeError(f"py-spy could not record: {(directory / 'py-spy.log').read_text()}")


def counted(raw: str) -> tuple[Counter[str], Counter[str]]:
    """Return the samples of each innermost function, and of each part in which one is."""
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, samples = line.rpartition(" ")
        frames = [match for match in map(FRAME.fullmatch, stack.split(";")) if match]
        if frames:
            own[f"{frames[-1]['function']} ({frames[-1]['file']})"] += int(samples)
            within[next(parts_of(frames), "the rest")] += int(samples)
    return own, within


def parts_of(frames: list[re.Match[str]]) -> Iterator[str]:
    """Yield the parts that a stack is in, the innermost first; the standard library belongs to who called it."""
    for frame in reversed(frames):
        file = frame["file"]
        if file.startswith("<"):
            yield "compiled operations"
        elif (package := file.partition("/")[0].removesuffix(".py")) not in sys.stdlib_module_names:
            yield package


def told(samples: Counter[str]) -> list[tuple[str, str]]:
    total = samples.total()
    return [(name, f"{count / total:.1%}") for name, count in samples.most_common(SHOWN)]
