"""Choices that are the same in every run, whatever was chosen before: made from a hash of what they are for."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def fraction(*subject: str) -> float:
    """Return a number from 0 up to but not including 1, evenly spread over all subjects."""
    digest = blake2b("\0".join(subject).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / (1 << 48)


def choose(options: Sequence[T], *subject: str) -> T:
    return options[int(fraction(*subject) * len(options))]


def choose_popular(options: Sequence[T], *subject: str) -> T:
    """Choose so that the earlier options come up more often, as the products of a shop do."""
    return options[int(fraction(*subject) ** 2 * len(options))]


def happens(probability: float, *subject: str) -> bool:
    return fraction(*subject) < probability
