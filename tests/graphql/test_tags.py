"""Tags of a profile, and the catalogue."""

from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.tags import ensure_tag
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile


async def test_tags_of_a_profile(ask: Ask, workspace: Workspace) -> None:  # R23 R25
    profile = await a_profile(
        workspace,
        change=lambda edit: [edit.add_tag(name, source=ChangeSource(name)) for name in ("USER", "SYSTEM", "USER")],
    )
    data = await ask(
        "query ($id: ID!) { profile(by: {id: $id}) { tags { name source addedAt removable } } }",
        id=to_public("prf", profile["_id"]),
    )
    tags = data["profile"]["tags"]
    assert [(tag["name"], tag["source"], tag["removable"]) for tag in tags] == [
        ("USER", "USER", True),
        ("SYSTEM", "SYSTEM", False),
    ]


async def test_the_catalogue_counts_profiles(ask: Ask, workspace: Workspace) -> None:  # R24
    for name in ("b", "a", "c"):
        await ensure_tag(workspace, name, source=ChangeSource.API, now=CREATED, description=f"About {name}")
    for tags in (["a"], ["a", "b"], []):
        await a_profile(
            workspace, change=lambda edit, tags=tags: [edit.add_tag(tag, source=ChangeSource.API) for tag in tags]
        )
    data = await ask("{ tags { edges { node { id name description source profileCount } } } }")
    tags = [edge["node"] for edge in data["tags"]["edges"]]
    assert [(tag["name"], tag["profileCount"]) for tag in tags] == [("a", 2), ("b", 1), ("c", 0)]
    assert tags[0]["description"] == "About a"
    node = await ask("query ($id: ID!) { node(id: $id) { id ... on Tag { name profileCount } } }", id=tags[0]["id"])
    assert node["node"] == {"id": tags[0]["id"], "name": "a", "profileCount": 2}
