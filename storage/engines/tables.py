"""Tables: the newest events that an aggregate counts, each with the values of some of its parameters."""

from collections.abc import Sequence
from typing import Any

from storage.engines.aggregates import Aggregate
from storage.engines.columns import Columns
from storage.engines.evaluation import between, id_range, slices_of
from storage.engines.groups import Group
from storage.engines.windows import Span

Row = tuple[bytes, str, list[Any]]  # the id of the event, its action, and a value for each parameter


def newest(aggregate: Aggregate, blocks: Sequence[Columns], span: Span, params: Sequence[str], limit: int) -> list[Row]:
    """Return the rows of the newest events that pass the filters; None stands for what an event does not have."""
    least, beyond = id_range(span)
    found: list[Row] = []
    for block in reversed(between([block for block in blocks if len(block)], least, beyond)):
        if len(found) >= limit:
            break
        actions = {id(group): action for action, group in block.groups.items()}
        places = [
            (position, each.group)
            for each in slices_of(aggregate, block, least, beyond)
            for position in each.all_positions()
        ]
        places.sort(key=lambda place: place[0], reverse=True)
        for position, group in places[: limit - len(found)]:
            values = [value_at(group, position, param) for param in params]
            found.append((block.id_at(position), actions[id(group)], values))
    return found


def value_at(group: Group, position: int, param: str) -> Any:
    """Return the value of a parameter of the event at a position; None without one."""
    row = group.row_of(position)
    for strip in group.column(param):
        first, last = strip.range(row, row + 1)
        if first < last:
            return strip.decoded(strip.values[first:last])[0]
    return None
