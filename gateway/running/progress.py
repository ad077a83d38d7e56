"""The progress of a command: a bar in a terminal and, where a log is read instead, a line every few seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 5.0
Update = Callable[[int, int, str], None]  # takes how much is done, of how much, and a remark


@contextmanager
def progress(console: Console, label: str, *, unit: str, has_lines: bool = False) -> Iterator[Update]:
    """Give the function that updates the progress; `unit` is what it counts, `bytes` or a noun.

    Without a terminal there are lines or, unless `has_lines`, nothing. A bar without lines is removed in the end.
    """
    if has_lines and not console.is_terminal:
        yield lines(console, label, unit)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn() if unit == "bytes" else MofNCompleteColumn(),
        TextColumn("{task.fields[remark]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=not has_lines) as bar:
        task = bar.add_task(label, total=None, remark="")

        def update(completed: int, total: int, remark: str = "") -> None:
            bar.update(task, total=total, completed=completed, remark=remark)

        yield update


def lines(console: Console, label: str, unit: str) -> Update:
    due = 0.0

    def update(completed: int, total: int, remark: str) -> None:
        nonlocal due
        now = time.monotonic()
        if now >= due or completed == total:
            due = now + LINE_SECONDS
            remark = f", {remark}" if remark else ""
            console.print(f"{label}: {completed:,} of {total:,} {unit}{remark}", highlight=False, soft_wrap=True)

    return update
