"""Group the events of a batch by profile, whether that exists or is to be created."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from resolvers.context import Context
from resolvers.ingestion.incoming import Claim, Incoming, read_event
from resolvers.ingestion.results import EventResultDoc, rejected
from storage.identifiers import IdentifierKind, field_name, owners
from storage.store.ids import time_id
from storage.store.refusals import RefusedError, UserError, UserErrorCode

Item = tuple[int, Incoming]  # an event, with its place in the batch
Results = dict[int, EventResultDoc]  # by that place


@dataclass(slots=True)
class Group:
    """Events of one profile; `is_new` when it is to be created."""

    profile: bytes
    is_new: bool = False
    items: list[Item] = field(default_factory=list)


def read_events(context: Context, events: Sequence[object]) -> tuple[list[Item], Results]:
    """Return the events that can be read, and the results of the others."""
    items: list[Item] = []
    results: Results = {}
    for place, given in enumerate(events):
        try:
            items.append((place, read_event(given, now=context.now)))
        except RefusedError as refused:
            results[place] = rejected(context, refused.errors[0])
    return items, results


async def find_profiles(context: Context, items: Sequence[Item]) -> tuple[list[Group], Results]:
    """Group events by the profile that each belongs to, as if they came one after the other.

    The identifiers of an event count for those after it: two events of one new person create one profile. An event
    that belongs to two profiles is in none of the groups, but among the results.
    """
    claims = sorted({claim for _, incoming in items for claim in incoming.claims})
    taken = await owners(context.workspace, claims) if claims else []
    owner: dict[Claim, bytes] = {(each["kind"], each["value"]): each["profile"] for each in taken}
    groups: dict[bytes, Group] = {}
    results: Results = {}
    for place, incoming in items:
        profile = incoming.profile or next((owner[claim] for claim in incoming.claims if claim in owner), None)
        is_new = profile is None
        key = profile or time_id(context.now)
        others = [claim for claim in incoming.claims if owner.get(claim, key) != key]
        if others:
            results[place] = rejected(context, taken_by(owner[others[0]], others[0][0]))
            continue
        owner.update(dict.fromkeys(incoming.claims, key))
        groups.setdefault(key, Group(key, is_new)).items.append((place, incoming))
    return list(groups.values()), results


def taken_by(owner: bytes, kind: IdentifierKind) -> UserError:
    message = "This value belongs to another profile than the event does."
    return UserError(UserErrorCode.TAKEN, ("person", field_name(kind)), message, owner=owner)
