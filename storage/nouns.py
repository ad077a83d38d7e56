"""Every noun and every collection there is; each is declared in its own module, and a new one is listed here."""

from storage import (
    aggregates,
    api_keys,
    attribute_definitions,
    changes,
    confirmations,
    dashboards,
    event_definitions,
    events,
    idempotency,
    identifiers,
    jobs,
    loads,
    notes,
    profiles,
    statistics_settings,
    tags,
    tasks,
    workspaces,
)
from storage.columns import cursors
from storage.columns.documents import HEADS_COLLECTION, LEAVES_COLLECTION

NOUNS = (
    profiles.NOUN,
    events.NOUN,
    changes.NOUN,
    notes.NOUN,
    tasks.NOUN,
    tags.NOUN,
    attribute_definitions.NOUN,
    event_definitions.NOUN,
    aggregates.NOUN,
    dashboards.NOUN,
    jobs.NOUN,
)
# Collections whose documents have no public ids.
INTERNAL = (
    workspaces.COLLECTION,
    api_keys.COLLECTION,
    identifiers.COLLECTION,
    confirmations.COLLECTION,
    idempotency.COLLECTION,
    loads.COLLECTION,
    statistics_settings.COLLECTION,
    HEADS_COLLECTION,
    LEAVES_COLLECTION,
    cursors.COLLECTION,
)
COLLECTIONS = (*dict.fromkeys(noun.collection for noun in NOUNS), *INTERNAL)
# By the name of the collection, which is how changes call them: `notes.<id>`.
BESIDE = {noun.collection.name: noun for noun in NOUNS if noun.kind is not None}
# Of these kinds are the entries that tell of what stands beside a profile, and leave its version as it is.
KINDS_BESIDE = frozenset(noun.kind for noun in BESIDE.values())
