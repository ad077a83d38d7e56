"""What fields say of their resolvers, in the metadata that Strawberry keeps with them."""

from collections.abc import Callable
from typing import Any

PURE, BATCH = "pure", "batch"


def pure(compute: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the metadata of a field whose resolver does what `compute(parent)` does.

    `compute` has no effects and returns nothing to await, so that it may be called again.
    """
    return {PURE: compute}


def batch(load: Callable[..., Any]) -> dict[str, Any]:
    """Return the metadata of a field whose resolver does for one parent what `load` does for all.

    `load(info, parents, **arguments)` returns, or awaits, the values of the parents in their order; an exception among
    them is that of its parent.
    """
    return {BATCH: load}
