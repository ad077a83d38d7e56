"""Histories: the events of profiles as blocks of columns, whole or as far as windows reach into them."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.columns.folding import Fold
from storage.columns.reading import ROUNDS, GoneError, folds_of, read_blocks
from storage.engines.aggregates import id_range
from storage.engines.columns import Columns
from storage.engines.windows import Span
from storage.events import RECENT
from storage.profiles import ProfileDoc
from storage.store.errors import UnavailableError
from storage.store.workspace import Workspace


class History:
    """The events of a profile up to its entry `seq`; blocks are read as windows reach into them."""

    def __init__(self, workspace: Workspace, profile: bytes, fold: Fold) -> None:
        self._workspace = workspace
        self._profile = profile
        self._fold = fold
        self.seq = fold.seq

    async def reach(self, spans: Sequence[Span]) -> None:
        """Read what any of the spans has a part in, with one command unless it was rewritten meanwhile."""
        ranges = [id_range(span) for span in spans]
        for _ in range(ROUNDS):
            places = {place for since, until in ranges for place in self._fold.within(since, until)}
            try:
                return await read_blocks(self._workspace, self._fold, sorted(places))
            except GoneError:
                self._fold = (await folds_of(self._workspace, {self._profile: self.seq}))[self._profile]
                self.seq = self._fold.seq
        raise UnavailableError("The columns of this profile keep changing; try again shortly.")

    @property
    def blocks(self) -> list[Columns]:
        """The blocks that have been read, in the order of their events."""
        read = [block.columns for block in self._fold.blocks if block.columns is not None]
        return [*read, self._fold.open]


async def histories_of(
    workspace: Workspace, profiles: Mapping[bytes, ProfileDoc], *, whole: bool
) -> dict[bytes, History]:
    """Return the histories of profiles that were read with `seq`, `eventCount` and `recent`.

    Whose events are all among the newest, which the profile carries, needs nothing else, unless they are masked there
    and it is not `whole`.
    """
    small = {id: profile for id, profile in profiles.items() if whole and profile["eventCount"] <= RECENT}
    folds = {id: Fold(profile["seq"], open=Columns.of(recent_of(profile))) for id, profile in small.items()}
    large = {id: profile["seq"] for id, profile in profiles.items() if id not in small}
    folds |= await folds_of(workspace, large) if large else {}
    return {id: History(workspace, id, fold) for id, fold in folds.items()}


def recent_of(profile: ProfileDoc) -> list[Any]:
    return list(profile["recent"])
