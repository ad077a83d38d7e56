"""Tags of a profile, and the catalogue."""

import pytest

from storage.credentials import Scope
from storage.event_definitions import ensure_definition
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.tags import ensure_tag
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile


async def test_tags_of_a_profile(ask: Ask, workspace: Workspace) -> None:  # R23 R25
    profile = await a_profile(
        workspace,
        change=lambda edit: [edit.add_tag(name, source=ChangeSource(name)) for name in ("CARD", "SYSTEM", "CARD")],
    )
    data = await ask(
        "query ($id: ID!) { profile(by: {id: $id}) { tags { name source addedAt removable } } }",
        id=to_public("prf", profile["_id"]),
    )
    tags = data["profile"]["tags"]
    assert [(tag["name"], tag["source"], tag["removable"]) for tag in tags] == [
        ("CARD", "CARD", True),
        ("SYSTEM", "SYSTEM", False),
    ]


async def test_the_catalogue_counts_profiles(ask: Ask, workspace: Workspace) -> None:  # R24
    for name in ("b", "a", "c"):
        await ensure_tag(workspace, name, source=ChangeSource.API, now=CREATED, description=f"About {name}")
    for tags in (["a"], ["a", "b"], []):
        await a_profile(
            workspace, change=lambda edit, tags=tags: [edit.add_tag(tag, source=ChangeSource.API) for tag in tags]
        )
    data = await ask(
        "{ tags { edges { node { id name description source version createdAt updatedAt profileCount } } } }"
    )
    tags = [edge["node"] for edge in data["tags"]["edges"]]
    assert [(tag["name"], tag["profileCount"]) for tag in tags] == [("a", 2), ("b", 1), ("c", 0)]
    assert (tags[0]["description"], tags[0]["source"], tags[0]["version"]) == ("About a", "API", 1)
    assert tags[0]["createdAt"] == tags[0]["updatedAt"] == CREATED.isoformat()
    node = await ask("query ($id: ID!) { node(id: $id) { id ... on Tag { name profileCount } } }", id=tags[0]["id"])
    assert node["node"] == {"id": tags[0]["id"], "name": "a", "profileCount": 2}


async def test_a_tag_of_a_profile_leads_to_the_catalogue(ask: Ask, workspace: Workspace) -> None:
    await ensure_tag(workspace, "vip", source=ChangeSource.API, now=CREATED, description="Very important")
    profile = await a_profile(
        workspace, change=lambda edit: [edit.add_tag(tag, source=ChangeSource.API) for tag in ("vip", "gone")]
    )
    query = "query ($id: ID!) { profile(by: {id: $id}) { tags { tag { name description profileCount } } } }"
    found = (await ask(query, id=to_public("prf", profile["_id"])))["profile"]["tags"]
    assert found == [{"tag": {"name": "vip", "description": "Very important", "profileCount": 1}}, {"tag": None}]


async def test_entries_of_the_catalogues_are_found_by_name(ask: Ask, workspace: Workspace) -> None:
    await ensure_tag(workspace, "vip", source=ChangeSource.API, now=CREATED)
    await ensure_definition(workspace, "page.visit", display_name="Visit", now=CREATED)
    query = """query ($tag: String!, $attribute: String!, $event: String!) { tag(name: $tag) { name }
      attributeDefinition(name: $attribute) { name type } eventDefinition(name: $event) { name displayName } }"""
    assert await ask(query, tag="vip", attribute="city", event="page.visit") == {
        "tag": {"name": "vip"},
        "attributeDefinition": {"name": "city", "type": "STRING"},
        "eventDefinition": {"name": "page.visit", "displayName": "Visit"},
    }
    nothing = dict.fromkeys(("tag", "attributeDefinition", "eventDefinition"))
    for name in ("", "VIP", "City", "a" * 200, "a\0b"):
        assert await ask(query, tag=name, attribute=name, event=name) == nothing


@pytest.mark.parametrize("field", ["tag", "attributeDefinition", "eventDefinition"])
async def test_who_finds_nothing_by_name_is_told_why(ask: Ask, field: str) -> None:
    query = f"query ($name: String!) {{ {field}(name: $name) {{ name }} }}"
    (long,) = await ask(query, name="a" * 201, failing=True)
    assert long.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "name"}
    (refused,) = await ask(query, name="vip", scopes=frozenset({Scope.EVENTS_WRITE}), failing=True)
    assert refused.original_error.extensions["code"] == "FORBIDDEN"
