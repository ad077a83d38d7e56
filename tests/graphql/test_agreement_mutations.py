"""Setting marketing agreements, and the history of each."""

from typing import Any

import pytest

from storage.attributes import RECEIVES_WHATSAPP
from storage.credentials import Scope
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import LINKS, Ask
from tests.support.factories import CREATED, a_profile
from tests.support.mutating import document, mutate, refusals

PAYLOAD = """confirmationUrl
  profile { subscriptions { channel status blockedBy } attributes { name display } }"""
HISTORY = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { profile(by: {id: $id}) {
  subscriptions { channel history(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { __typename id channel occurredAt before after title actor { id onBehalfOf } source } }
    pageInfo { hasNextPage } } } } }
"""
OF_FIELD = """
query ($id: ID!, $field: String!) { profile(by: {id: $id}) { history(field: $field) { edges { node {
  __typename id fields ... on AgreementChange { channel before after } } } } } }
"""


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def set_to(
    ask: Ask, profile: ProfileDoc, *wanted: tuple[str, str], options: dict[str, Any] | None = None, **others: Any
) -> Any:
    given = {"id": public(profile), "agreements": listed(*wanted), **(options or {})}
    return await mutate(ask, "profileAgreementsSet", given, selecting=PAYLOAD, **others)


def listed(*wanted: tuple[str, str]) -> list[dict[str, str]]:
    return [{"channel": channel, "status": status} for channel, status in wanted]


def statuses(answer: Any) -> dict[str, str]:
    return {found["channel"]: found["status"] for found in answer["profile"]["subscriptions"]}


async def history(ask: Ask, profile: ProfileDoc, channel: str, **page: Any) -> Any:
    found = (await ask(HISTORY, id=public(profile), **page))["profile"]["subscriptions"]
    return next(each["history"] for each in found if each["channel"] == channel)


async def test_every_channel_is_enabled_and_disabled(ask: Ask, workspace: Workspace) -> None:  # R26 R27 R28 R29
    profile = await a_profile(workspace, email="a@example.com")
    for status in ("ENABLED", "DISABLED"):
        answer = await set_to(ask, profile, *((channel, status) for channel in Channel))
        assert (refusals(answer), answer["confirmationUrl"]) == ([], None)
        assert statuses(answer) == dict.fromkeys(Channel, status)
    again = await set_to(ask, profile, *((channel, "DISABLED") for channel in Channel))
    assert again["changes"] == []


async def test_whatsapp_is_an_attribute_and_told_as_an_agreement(ask: Ask, workspace: Workspace) -> None:  # R29
    profile = await a_profile(workspace)
    answer = await set_to(ask, profile, ("WHATSAPP", "ENABLED"))
    (change,) = answer["changes"]
    assert (change["__typename"], change["fields"]) == ("AgreementChange", ["agreements.WHATSAPP"])
    assert (change["channel"], change["from"], change["to"]) == ("WHATSAPP", "NOT_SET", "ENABLED")
    (stored,) = await workspace.find("profiles", {"_id": profile["_id"]})
    assert stored["agreements"] == []
    assert [(each["name"], each["value"]) for each in stored["attributes"]] == [(RECEIVES_WHATSAPP, True)]
    answer = await set_to(ask, profile, ("WHATSAPP", "DISABLED"))
    (change,) = answer["changes"]
    assert (change["from"], change["to"], change["action"]) == ("ENABLED", "DISABLED", "agreement.change")
    node = await ask("query ($id: ID!) { node(id: $id) { __typename } }", id=change["id"])
    assert node["node"] == {"__typename": "AgreementChange"}


async def test_only_its_own_door_changes_an_agreement(ask: Ask, workspace: Workspace) -> None:  # R67
    profile = await a_profile(workspace)
    await set_to(ask, profile, ("WHATSAPP", "DISABLED"))
    for value in ({"boolean": True}, None):
        given = {"id": public(profile), "attributes": [{"name": RECEIVES_WHATSAPP, "value": value}]}
        refused = await mutate(ask, "profileAttributesSet", given, selecting="__typename")
        assert refusals(refused) == [("READ_ONLY", ["input", "attributes", "0", "name"])]
    unset = {"id": public(profile), "names": [RECEIVES_WHATSAPP]}
    refused = await mutate(ask, "profileAttributesUnset", unset, selecting="__typename")
    assert refusals(refused) == [("READ_ONLY", ["input", "names", "0"])]
    assert statuses(await set_to(ask, profile, ("SMS", "ENABLED")))["WHATSAPP"] == "DISABLED"


async def test_confirmation_gives_a_link_for_the_address(ask: Ask, workspace: Workspace) -> None:  # R26
    profile = await a_profile(workspace, email="a@example.com")
    answer = await set_to(ask, profile, ("EMAIL", "CONFIRMATION"), ("SMS", "ENABLED"))
    assert (statuses(answer)["EMAIL"], statuses(answer)["SMS"]) == ("CONFIRMATION", "ENABLED")
    url: str = answer["confirmationUrl"]
    assert url.startswith("https://gateway.example/confirm/")
    assert "example.com" not in url.removeprefix("https://gateway.example")
    (link,) = await workspace.find("confirmations", {"profile": profile["_id"]})
    assert LINKS.read(url.rpartition("/")[2]) == (workspace.id, link["_id"], link["nonce"])
    another = await set_to(ask, profile, ("EMAIL", "CONFIRMATION"))
    assert (another["changes"], refusals(another)) == ([], [])
    assert another["confirmationUrl"] not in (None, url)
    (newest,) = await workspace.find("confirmations", {"profile": profile["_id"]})
    assert newest["nonce"] != link["nonce"]


async def test_a_retry_gets_the_same_link_and_a_dry_run_none(ask: Ask, workspace: Workspace) -> None:  # R26
    profile = await a_profile(workspace, email="a@example.com")
    wanted = ("EMAIL", "CONFIRMATION")
    dry = await set_to(ask, profile, wanted, options={"dryRun": True})
    assert (dry["confirmationUrl"], statuses(dry)["EMAIL"]) == (None, "CONFIRMATION")
    assert await workspace.find("confirmations", {}) == []
    once = {"idempotencyKey": "k"}
    assert await set_to(ask, profile, wanted, options=once) == await set_to(ask, profile, wanted, options=once)
    assert len(await workspace.find("confirmations", {})) == 1
    assert refusals(await set_to(ask, profile, ("EMAIL", "ENABLED"), options=once)) == [
        ("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])
    ]


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.EMAIL])
async def test_only_email_is_confirmed(ask: Ask, workspace: Workspace, channel: Channel) -> None:  # R26 R27 R28 R29
    profile = await a_profile(workspace, email="a@example.com")
    answer = await set_to(ask, profile, ("EMAIL", "ENABLED"), (channel, "CONFIRMATION"))
    assert refusals(answer) == [("INVALID_VALUE", ["input", "agreements", "1", "status"])]
    assert await unchanged(workspace, profile)


async def test_what_is_wrong_is_told_in_its_place(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    email, sms = ("EMAIL", "CONFIRMATION"), ("SMS", "ENABLED")
    answer = await set_to(ask, profile, email, sms, sms)
    assert refusals(answer) == [
        ("INVALID_VALUE", ["input", "agreements", "0", "status"]),
        ("INVALID_VALUE", ["input", "agreements", "2", "channel"]),
    ]
    assert refusals(await set_to(ask, profile, *[sms] * 6)) == [("TOO_MANY", ["input", "agreements"])]
    assert refusals(await set_to(ask, profile, sms, options={"id": "nonsense"})) == [("NOT_FOUND", ["id"])]
    assert refusals(await set_to(ask, profile, sms, options={"expectedVersion": 9})) == [
        ("VERSION_CONFLICT", ["options", "expectedVersion"])
    ]
    never = await set_to(ask, profile, sms, ("WEB_PUSH", "NOT_SET"), ("WHATSAPP", "NOT_SET"))
    assert refusals(never) == [("INVALID_VALUE", ["input", "agreements", place, "status"]) for place in "12"]
    assert await unchanged(workspace, profile)


async def unchanged(workspace: Workspace, profile: ProfileDoc) -> bool:
    links = await workspace.find("confirmations", {})
    return links == [] and await workspace.find("profiles", {"_id": profile["_id"]}) == [profile]


async def test_without_a_secret_there_are_no_links(ask: Ask, workspace: Workspace) -> None:  # R26
    profile = await a_profile(workspace, email="a@example.com")
    query, wanted = document("profileAgreementsSet", PAYLOAD), listed(("EMAIL", "CONFIRMATION"))
    (error,) = await ask(query, id=public(profile), input={"agreements": wanted}, links=None, failing=True)
    assert error.original_error.extensions == {"code": "UNAVAILABLE"}
    assert "GATEWAY_SIGNING_SECRET" in error.message
    assert await unchanged(workspace, profile)
    assert refusals(await set_to(ask, profile, ("EMAIL", "ENABLED"), links=None)) == []


async def test_setting_needs_its_scope(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    query, wanted = document("profileAgreementsSet", PAYLOAD), {"agreements": listed(("SMS", "ENABLED"))}
    scopes = frozenset(Scope) - {Scope.PROFILES_WRITE}
    (error,) = await ask(query, id=public(profile), input=wanted, scopes=scopes, failing=True)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:write"}
    assert await unchanged(workspace, profile)


async def test_each_agreement_keeps_its_history(ask: Ask, workspace: Workspace) -> None:  # R31
    def agree(edit: Edit) -> None:
        edit.set_agreement(Channel.SMS, AgreementStatus.ENABLED, source="SDK", at=CREATED)

    profile = await a_profile(workspace, email="a@example.com", change=agree)
    both = ("SMS", "DISABLED"), ("EMAIL", "CONFIRMATION")
    answer = await set_to(ask, profile, *both, options={"onBehalfOf": "Eve"})
    assert {
        (change["__typename"], change["channel"], change["from"], change["to"]) for change in answer["changes"]
    } == {
        ("AgreementChange", "SMS", "ENABLED", "DISABLED"),
        ("AgreementChange", "EMAIL", "NOT_SET", "CONFIRMATION"),
    }
    await set_to(ask, profile, ("EMAIL", "ENABLED"))
    told = [edge["node"] for edge in (await history(ask, profile, "SMS"))["edges"]]
    assert told[1] == {
        "__typename": "AgreementChange",
        "id": told[1]["id"],
        "channel": "SMS",
        "occurredAt": CREATED.isoformat(),
        "before": "NOT_SET",
        "after": "ENABLED",
        "title": "SMS enabled",
        "actor": {"id": "tester", "onBehalfOf": None},
        "source": "SDK",
    }
    entry = await workspace.find_one("journal", {"profile": profile["_id"], "changes.field": "agreements.EMAIL"})
    assert entry is not None
    assert told[0] == {
        "__typename": "AgreementChange",
        "id": next(change["id"] for change in answer["changes"] if change["channel"] == "SMS"),
        "channel": "SMS",
        "occurredAt": entry["occurredAt"].isoformat(),
        "before": "ENABLED",
        "after": "DISABLED",
        "title": "SMS disabled",
        "actor": {"id": "pgk_test", "onBehalfOf": "Eve"},
        "source": "CARD",
    }
    told = [edge["node"] for edge in (await history(ask, profile, "EMAIL"))["edges"]]
    assert [(change["before"], change["after"]) for change in told] == [
        ("CONFIRMATION", "ENABLED"),
        ("NOT_SET", "CONFIRMATION"),
    ]
    assert (await history(ask, profile, "WEB_PUSH"))["edges"] == []


async def test_each_agreement_has_entries_of_its_own(ask: Ask, workspace: Workspace) -> None:  # R31
    profile = await a_profile(workspace)
    for status in ("ENABLED", "DISABLED"):
        answer = await set_to(ask, profile, ("SMS", status), ("WEB_PUSH", status), ("WHATSAPP", status))
        assert sorted(change["fields"] for change in answer["changes"]) == [
            ["agreements.SMS"],
            ["agreements.WEB_PUSH"],
            ["agreements.WHATSAPP"],
        ]
        assert len({change["id"] for change in answer["changes"]}) == 3
    for channel in ("SMS", "WEB_PUSH", "WHATSAPP"):
        field = f"agreements.{channel}"
        of_field = (await ask(OF_FIELD, id=public(profile), field=field))["profile"]["history"]["edges"]
        told = [edge["node"] for edge in (await history(ask, profile, channel))["edges"]]
        keys = ("__typename", "id", "channel", "before", "after")
        assert [edge["node"] for edge in of_field] == [
            {"fields": [field], **{key: change[key] for key in keys}} for change in told
        ]
        assert [(change["before"], change["after"]) for change in told] == [
            ("ENABLED", "DISABLED"),
            ("NOT_SET", "ENABLED"),
        ]


async def test_the_history_of_whatsapp_is_its_attributes(ask: Ask, workspace: Workspace) -> None:  # R29 R31
    profile = await a_profile(workspace, change=lambda edit: edit.set_attribute("a", 1, source=ChangeSource.API))
    for status, options in (("ENABLED", {}), ("DISABLED", {"onBehalfOf": "Eve"})):
        await set_to(ask, profile, ("WHATSAPP", status), ("SMS", status), options=options)
    told = [edge["node"] for edge in (await history(ask, profile, "WHATSAPP"))["edges"]]
    assert {(change["__typename"], change["channel"]) for change in told} == {("AgreementChange", "WHATSAPP")}
    assert [(change["before"], change["after"], change["source"]) for change in told] == [
        ("ENABLED", "DISABLED", "CARD"),
        ("NOT_SET", "ENABLED", "API"),
    ]
    field = f"attributes.{RECEIVES_WHATSAPP}"
    of_field = (await ask(OF_FIELD, id=public(profile), field=field))["profile"]["history"]["edges"]
    assert [edge["node"]["id"] for edge in of_field] == [change["id"] for change in told]
    assert {(edge["node"]["__typename"], *edge["node"]["fields"]) for edge in of_field} == {
        ("AgreementChange", "agreements.WHATSAPP")
    }


async def test_the_history_pages(ask: Ask, workspace: Workspace) -> None:  # R31
    profile = await a_profile(workspace)
    for status in ("ENABLED", "DISABLED", "ENABLED"):
        await set_to(ask, profile, ("SMS", status))
        await set_to(ask, profile, ("WEB_PUSH", status))
    whole = (await history(ask, profile, "SMS"))["edges"]
    assert [edge["node"]["after"] for edge in whole] == ["ENABLED", "DISABLED", "ENABLED"]
    first = await history(ask, profile, "SMS", first=2)
    assert (first["edges"], first["pageInfo"]["hasNextPage"]) == (whole[:2], True)
    rest = await history(ask, profile, "SMS", after=whole[1]["cursor"])
    assert (rest["edges"], rest["pageInfo"]["hasNextPage"]) == (whole[2:], False)
    assert (await history(ask, profile, "SMS", last=1, before=whole[2]["cursor"]))["edges"] == whole[1:2]
