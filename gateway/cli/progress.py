"""How a load is shown: a bar in a terminal, a line every few seconds elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from gateway.datasets.loading import Progress

LINE_SECONDS = 5.0


@dataclass(slots=True)
class Pace:
    """How fast a load is, from its first report on; what was there before does not count."""

    started: float = field(default_factory=time.monotonic)

    def describe(self, progress: Progress) -> str:
        seconds = max(time.monotonic() - self.started, 0.001)
        profiles = (progress.profiles - progress.skipped) / seconds
        return f"{profiles:,.0f} profiles/s, {progress.events / seconds:,.0f} events/s"


@contextmanager
def shown(console: Console, name: str) -> Iterator[Callable[[Progress], None]]:
    """Give the function that a load reports to."""
    if not console.is_terminal:
        yield lines(console, name)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console) as bar:
        task = bar.add_task(f"Loading {name}", total=None, pace="")
        pace = Pace()

        def report(progress: Progress) -> None:
            bar.update(task, total=progress.total, completed=progress.profiles, pace=pace.describe(progress))

        yield report


def lines(console: Console, name: str) -> Callable[[Progress], None]:
    pace, due = Pace(), 0.0

    def report(progress: Progress) -> None:
        nonlocal due
        now = time.monotonic()
        if now >= due or progress.profiles == progress.total:
            due = now + LINE_SECONDS
            done = f"{progress.profiles:,} of {progress.total:,} profiles"
            console.print(f"Loading {name}: {done}, {pace.describe(progress)}", highlight=False, soft_wrap=True)

    return report
