"""What a soak shows while it runs, and what it tells at the end."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench.harness.subscribers import Subscriber
from bench.soak_writers import Writers

LINE_SECONDS = 10.0
AFTERMATH_SECONDS = 6.0
console = Console()


@dataclass
class Figures:
    """What happened so far.

    The first `slow` subscribers sleep now and then; `storms` are the times in which a store was stopped.
    """

    subscribers: Sequence[Subscriber]
    slow: int
    writers: Writers
    storms: list[tuple[float, float]] = field(default_factory=list)

    @property
    def delivered(self) -> int:
        return sum(len(each.record) for each in self.subscribers)

    @property
    def ends(self) -> Counter[str]:
        return Counter(end.code for each in self.subscribers for end in each.ends)

    def line(self) -> str:
        slow = self.ends["SLOW_CONSUMER"]
        return f"{self.writers.written:,} events, {self.delivered:,} deliveries, {len(self.storms)} pauses, {slow} slow"

    def seconds(self, *, calm: bool) -> list[float]:
        """Return how long events took to those who do not sleep; `calm` leaves out those near the stop of a store."""
        return [
            took
            for each in self.subscribers[self.slow :]
            for sent, took in each.seconds
            if not calm or not any(begun - 1 < sent < ended + AFTERMATH_SECONDS for begun, ended in self.storms)
        ]


@dataclass
class Report:
    """How a soak of so many seconds went; `different` are the subscribers whose record is not the journal."""

    figures: Figures
    drops: int
    seconds: float
    different: Sequence[Subscriber]


async def watched(figures: Figures, *, seconds: float) -> None:
    """Wait for `seconds`, with a bar in a terminal and a line now and then elsewhere."""
    begun = time.monotonic()
    columns = (TextColumn("Soaking"), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=seconds)
        told = 0.0
        while (passed := time.monotonic() - begun) < seconds:
            bar.update(task, completed=passed, description=figures.line())
            if not console.is_terminal and passed >= told + LINE_SECONDS:
                told = passed
                console.print(f"{passed:4.0f} s: {figures.line()}", highlight=False, soft_wrap=True)
            await asyncio.sleep(0.5)


def report(result: Report) -> int:
    """Print the summary and return the exit code."""
    figures = result.figures
    table = Table(title=f"Soak of {result.seconds:.0f} s: {len(figures.subscribers)} subscribers", show_header=False)
    rows = {
        "Events": f"{figures.writers.written:,} ({figures.writers.written / result.seconds:.1f} a second)",
        "Requests sent again": f"{figures.writers.repeated:,}",
        "Deliveries": f"{figures.delivered:,}",
        "Connections torn": f"{result.drops:,}",
        "Streams opened": f"{sum(each.streams for each in figures.subscribers):,}",
        "Ends by code": ", ".join(f"{code} {number:,}" for code, number in figures.ends.most_common()),
        "Pauses of a store": f"{len(figures.storms)}, {sum(end - start for start, end in figures.storms):.0f} s in all",
        "Sent to received, while stores are well": spread(figures.seconds(calm=True)),
        "Sent to received, all": spread(figures.seconds(calm=False)),
        "Records unlike the journal": str(len(result.different)),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
    return 1 if result.different else 0


def spread(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "none"
    return f"median {median(seconds) * 1000:,.0f} ms, 99th {quantiles(seconds, n=100)[98] * 1000:,.0f} ms"
