"""The two operations that servers are measured with, and what is wanted of the gateway in each."""

from dataclasses import dataclass
from typing import Any

import orjson

DASHBOARD = """
query Dash($first: Int!) {
  profiles(first: $first) {
    edges {
      cursor
      node {
        id
        personal { firstName lastName city }
        contact { email }
        tags { name }
        identities { uuids { value platform } }
        attributes { name display }
        subscriptions { channel status }
        activity { events(first: 10) { edges { node { id action occurredAt label params } } } }
      }
    }
  }
}
"""
ONE = """
query One($id: ID!) {
  profile(by: {id: $id}) {
    id
    personal { firstName lastName city }
    contact { email }
    tags { name }
    identities { uuids { value platform } }
    subscriptions { channel status }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Query:
    """An operation with its variables; `connections` are how many clients ask at once to saturate a server."""

    name: str
    text: str
    variables: dict[str, Any]
    connections: int

    @property
    def body(self) -> bytes:
        return orjson.dumps({"query": self.text, "variables": self.variables})


@dataclass(frozen=True, slots=True)
class Target:
    """How many times as many requests a second as a peer are wanted."""

    query: str
    peer: str
    times: float


TARGETS = (
    Target("dashboard", "strawberry", 15),
    Target("dashboard", "yoga", 5),
    Target("dashboard", "mercurius-jit", 1.2),
    Target("dashboard", "hand-written", 0.55),
    Target("small", "yoga", 3),
    Target("small", "mercurius-jit", 0.9),
)


def dashboard(*, first: int = 50, name: str = "dashboard") -> Query:
    return Query(name, DASHBOARD, {"first": first}, connections=2)


def small(profile_id: str) -> Query:
    return Query("small", ONE, {"id": profile_id}, connections=16)
