"""What types of things beside profiles share: the profile that each is about, and what an entry tells of."""

from functools import partial
from typing import Any

from resolvers import beside as resolve
from resolvers import entries
from schema.documents import computed, together
from schema.mutations import LazyProfile
from storage.declaration import Noun


def about() -> Any:
    """Return the field that leads to the profile."""
    return together(resolve.profiles_of, LazyProfile, "Profile that it is about", "profile")


def told_of(noun: Noun, type: Any) -> Any:
    """Return the field of a change that leads to the document beside the profile."""
    description = f"{noun.type} as it is now; null when it has been deleted, or without {noun.scope.value}"
    return together(partial(resolve.documents_of, noun=noun), type, description, "changes")


def was(noun: Noun, content: Any) -> Any:
    """Return the field of a change that shows what the document said before."""
    description = f"What it said before; null when created, or without {noun.scope.value}"
    return computed(entries.before_of, content | None, description, "changes")


def became(noun: Noun, content: Any) -> Any:
    """Return the field of a change that shows what the document said after."""
    description = f"What it said after; null when deleted, or without {noun.scope.value}"
    return computed(entries.after_of, content | None, description, "changes")
