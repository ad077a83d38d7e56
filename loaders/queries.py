"""What loaders of pages are asked: a profile, and which page of it."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from storage.declaration import Noun
from storage.journal import EntryKind
from storage.store.mongo import Document
from storage.store.pages import PageRequest


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which page of a profile's events."""

    page: PageRequest
    actions: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """Which page of everything that happened to a profile."""

    page: PageRequest
    kinds: tuple[EntryKind, ...] = ()
    actions: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which page of the changes of a profile's field."""

    page: PageRequest
    field: str


class Match(Hashable, Protocol):
    """Which documents of a noun to list."""

    def condition(self) -> Document: ...


@dataclass(frozen=True, slots=True)
class BesideQuery:
    """Which page of the documents of a noun that stand beside a profile; all without a `match`."""

    noun: Noun
    page: PageRequest
    match: Match | None = None


EventKey = tuple[bytes, EventQuery]
TimelineKey = tuple[bytes, TimelineQuery]
HistoryKey = tuple[bytes, HistoryQuery]
BesideKey = tuple[bytes, BesideQuery]
