"""Joining the events of one action, old and new, column by column: most of what there is stays as it is."""

from collections.abc import Sequence

from storage.engines.encoding import joined, placed, strips_of
from storage.engines.groups import Column, Group
from storage.engines.strips import Strip, held


def moved(group: Group, places: Sequence[int]) -> Group:
    """Return the group among more events, where the event at position n is at `places[n]`."""
    if places[: len(group)] == range(len(group)):  # nothing moves where all that is new comes later
        return group
    return group.at(held("H", map(places.__getitem__, group.positions)))


def inverse(order: Sequence[int]) -> list[int]:
    """Return where each is that `order` takes from elsewhere."""
    places = [0] * len(order)
    for place, old in enumerate(order):
        places[old] = place
    return places


def both(one: Group, other: Group) -> Group:
    """Return the events of both groups, whose positions are among all events already."""
    positions: Sequence[int] = [*one.positions, *other.positions]
    count = len(positions)
    rows: Sequence[int] = range(count)
    if one.positions[-1] > other.positions[0]:
        order = sorted(range(count), key=positions.__getitem__)
        positions, rows = [positions[old] for old in order], inverse(order)
    here, there = rows[: len(one)], rows[len(one) :]
    columns = {}
    for name in dict.fromkeys([*one.names, *other.names]):
        strips = [placed(strip, here, count) for strip in one.column(name)]
        added = [placed(strip, there, count) for strip in other.column(name)]
        columns[name] = join(strips, added, count)
    return Group(held("H", positions), columns, {})


def join(strips: Sequence[Strip], added: Sequence[Strip], count: int) -> Column:
    """Return the strips of one column, one of each kind."""
    found = {strip.kind: strip for strip in strips}
    for strip in added:
        known = found.get(strip.kind)
        together = strip if known is None else joined(known, strip, count)
        if together is None:
            return anew([*strips, *added], count)
        found[strip.kind] = together
    return list(found.values())


def anew(strips: Sequence[Strip], count: int) -> Column:
    """Return a column encoded from its values."""
    values: dict[int, object] = {}
    for strip in strips:
        values |= zip(strip.rows_taken(0, count, None), strip.decoded(strip.values), strict=True)
    rows = sorted(values)
    return strips_of(rows, [values[row] for row in rows], count)
