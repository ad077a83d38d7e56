"""The script of a stream of writes: what each kind of writer sends at each turn, the same whenever it is asked.

Each kind changes a part of the profile that is its own, and changes it at each turn. So the end is the same whoever
of them comes first: it can be compared with that of another run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.support.factories import CREATED
from tests.support.mutating import document

EVENTS = 40
NEW_PERSONS = 2
SCORE = {"displayName": "Score", "type": "NUMBER"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One write of a writer: `lap` counts its turns at one profile, `before` is what it changed a lap earlier."""

    profile: str
    key: str
    lap: int
    before: Sequence[str]

    @property
    def is_odd(self) -> bool:
        return self.lap % 2 == 1

    @property
    def task_id(self) -> str:
        (field,) = self.before
        return field.removeprefix("tasks.")


# Which mutation a writer of this kind sends, and what it is given besides the key.
MUTATIONS: dict[str, Callable[[Turn], tuple[str, dict[str, Any]]]] = {
    "note": lambda turn: (
        "noteCreate",
        {"profileId": turn.profile, "title": turn.key, "text": f"Written at lap {turn.lap}"},
    ),
    "attribute": lambda turn: (
        "profileAttributesSet",
        {"id": turn.profile, "attributes": [{"name": "score", "value": {"number": turn.lap}, "definition": SCORE}]},
    ),
    "tag": lambda turn: (
        "profileTagsRemove" if turn.is_odd else "profileTagsAdd",
        {"id": turn.profile, "tags": ["early", "late"]},
    ),
    "agreement": lambda turn: (
        "profileAgreementsSet",
        {"id": turn.profile, "agreements": [{"channel": "SMS", "status": "DISABLED" if turn.is_odd else "ENABLED"}]},
    ),
    "identifier": lambda turn: (
        "profileUpdate",
        {"id": turn.profile} | ({"customId": turn.key} if turn.is_odd else {"email": an_email(turn.key)}),
    ),
    "update": lambda turn: (
        "profileUpdate",
        {"id": turn.profile, "firstName": f"Anna {turn.lap}", "description": turn.key},
    ),
    "task": lambda turn: (
        ("taskComplete", {"id": turn.task_id})
        if turn.is_odd
        else ("taskCreate", {"profileId": turn.profile, "title": turn.key})
    ),
}
INGESTION = "ingestion"
KINDS = (*MUTATIONS, INGESTION)


def document_of(mutation: str) -> str:
    """Return the GraphQL document of a mutation; of its answer only what every mutation has."""
    return document(mutation, "profile { id } changes { fields }")


def events_of(stream: str, number: int, *, known: int) -> list[dict[str, Any]]:
    """Return the events of one request of ingestion, of known persons, new ones, and those of the request before.

    An event names everything that is known of its person. So it does not matter which of them comes first.
    """
    return [
        {
            "uuid": f"{stream}-event-{number}-{place}",
            "action": "page.visit",
            "occurredAt": (CREATED + timedelta(seconds=number * EVENTS + place)).isoformat(),
            "person": {"uuid": known_uuid(place % known)}
            if place % 3 == 0
            else a_person(f"{stream}-person-{number * NEW_PERSONS + place % (2 * NEW_PERSONS)}"),
        }
        for place in range(EVENTS)
    ]


def known_uuid(number: int) -> str:
    """Return what a person is known by who was there before; their email address changes."""
    return f"known-{number}"


def a_person(name: str) -> dict[str, str]:
    return {"uuid": name, "email": an_email(name)}


def an_email(name: str) -> str:
    return f"{name}@example.com"
