"""Batching: one aiodataloader a relation, new for every operation."""

from storage.workspace import Workspace


class Loaders:
    """Every loader of one operation; made when the operation starts, gone when it ends."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
