"""What the peers serve: the same data with everything derived beforehand, so that they only have to execute."""

from pathlib import Path
from typing import Any, TypedDict

import orjson

from bench.peers.by_hand import full
from bench.peers.documents import PROFILES
from storage.events import RECENT

LOADED = ("tags", "subscriptions", "activity")


class Rows(TypedDict):
    """Profiles, the newest first, and by their ids what comes through a loader."""

    profiles: list[dict[str, Any]]
    tags: dict[str, list[dict[str, Any]]]
    subscriptions: dict[str, list[dict[str, Any]]]
    events: dict[str, list[dict[str, Any]]]


def all_rows() -> Rows:
    edges = [full(profile, events=RECENT) for profile in PROFILES]
    nodes = [edge["node"] for edge in edges]
    return {
        "profiles": [
            {"cursor": edge["cursor"], **{name: edge["node"][name] for name in edge["node"] if name not in LOADED}}
            for edge in edges
        ],
        "tags": {node["id"]: node["tags"] for node in nodes},
        "subscriptions": {node["id"]: node["subscriptions"] for node in nodes},
        "events": {node["id"]: [edge["node"] for edge in node["activity"]["events"]["edges"]] for node in nodes},
    }


def write_rows(file: Path) -> None:
    file.write_bytes(orjson.dumps(all_rows(), option=orjson.OPT_NAIVE_UTC))
