"""What the subscribers of the live benchmark ask for: selections that differ, over the same event."""

FIELDS = ("label", "receivedAt", "source", "ip", "direction")
COMMON = "__typename id action occurredAt params"
FULL = f"{COMMON} uuid {' '.join(FIELDS)}"


def document_of(fields: str) -> str:
    return f"subscription ($id: ID!) {{ activity(profileId: $id) {{ cursor node {{ ... on Event {{ {fields} }} }} }} }}"


def documents(number: int) -> list[str]:
    """Return so many subscriptions, at most 32, each with a selection of its own."""
    assert number <= 2 ** len(FIELDS)
    chosen = [[field for bit, field in enumerate(FIELDS) if index >> bit & 1] for index in range(number)]
    return [document_of(" ".join([COMMON, *fields])) for fields in chosen]
