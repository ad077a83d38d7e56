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

SET = """
mutation ($input: ProfileAgreementsSetInput!) { profileAgreementsSet(input: $input) { confirmationUrl
  profile { subscriptions { channel status blockedBy } attributes { name display } }
  changes { field before after } userErrors { code field message } } }
"""
HISTORY = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { profile(by: {id: $id}) {
  subscriptions { channel history(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { at from to actor user source } } pageInfo { hasNextPage } } } } }
"""


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def set_to(
    ask: Ask, profile: ProfileDoc, *wanted: tuple[str, str], options: dict[str, Any] | None = None, **others: Any
) -> Any:
    subscriptions = [{"channel": channel, "status": status} for channel, status in wanted]
    input = {"profileId": public(profile), "subscriptions": subscriptions, **(options or {})}
    return (await ask(SET, input=input, **others))["profileAgreementsSet"]


def statuses(answer: Any) -> dict[str, str]:
    return {found["channel"]: found["status"] for found in answer["profile"]["subscriptions"]}


def refusals(answer: Any) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


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


async def test_whatsapp_is_an_attribute(ask: Ask, workspace: Workspace) -> None:  # R29
    profile = await a_profile(workspace)
    answer = await set_to(ask, profile, ("WHATSAPP", "ENABLED"))
    (change,) = answer["changes"]
    assert (change["field"], change["before"], change["after"]["value"]) == (
        f"attributes.{RECEIVES_WHATSAPP}",
        None,
        True,
    )
    (stored,) = await workspace.find("profiles", {"_id": profile["_id"]})
    assert stored["agreements"] == []
    answer = await set_to(ask, profile, ("WHATSAPP", "DISABLED"))
    assert answer["changes"][0]["after"]["value"] is False


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
        ("IDEMPOTENCY_MISMATCH", ["idempotencyKey"])
    ]


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.EMAIL])
async def test_only_email_is_confirmed(ask: Ask, workspace: Workspace, channel: Channel) -> None:  # R26 R27 R28 R29
    profile = await a_profile(workspace, email="a@example.com")
    answer = await set_to(ask, profile, ("EMAIL", "ENABLED"), (channel, "CONFIRMATION"))
    assert refusals(answer) == [("INVALID_VALUE", ["subscriptions", "1", "status"])]
    assert await unchanged(workspace, profile)


async def test_what_is_wrong_is_told_in_its_place(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    email, sms = ("EMAIL", "CONFIRMATION"), ("SMS", "ENABLED")
    answer = await set_to(ask, profile, email, sms, sms)
    assert refusals(answer) == [
        ("INVALID_VALUE", ["subscriptions", "0", "status"]),
        ("INVALID_VALUE", ["subscriptions", "2", "channel"]),
    ]
    assert refusals(await set_to(ask, profile, *[sms] * 6)) == [("TOO_MANY", ["subscriptions"])]
    assert refusals(await set_to(ask, profile, sms, options={"profileId": "nonsense"})) == [
        ("NOT_FOUND", ["profileId"])
    ]
    assert refusals(await set_to(ask, profile, sms, options={"expectedVersion": 9})) == [
        ("VERSION_CONFLICT", ["expectedVersion"])
    ]
    assert await unchanged(workspace, profile)


async def unchanged(workspace: Workspace, profile: ProfileDoc) -> bool:
    links = await workspace.find("confirmations", {})
    return links == [] and await workspace.find("profiles", {"_id": profile["_id"]}) == [profile]


async def test_without_a_secret_there_are_no_links(ask: Ask, workspace: Workspace) -> None:  # R26
    profile = await a_profile(workspace, email="a@example.com")
    wanted = {"profileId": public(profile), "subscriptions": [{"channel": "EMAIL", "status": "CONFIRMATION"}]}
    (error,) = await ask(SET, input=wanted, links=None, failing=True)
    assert error.original_error.extensions == {"code": "UNAVAILABLE"}
    assert "GATEWAY_SIGNING_SECRET" in error.message
    assert await unchanged(workspace, profile)
    assert refusals(await set_to(ask, profile, ("EMAIL", "ENABLED"), links=None)) == []


async def test_setting_needs_its_scope(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    wanted = {"profileId": public(profile), "subscriptions": [{"channel": "SMS", "status": "ENABLED"}]}
    (error,) = await ask(SET, input=wanted, scopes=frozenset(Scope) - {Scope.PROFILES_WRITE}, failing=True)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:write"}
    assert await unchanged(workspace, profile)


async def test_each_agreement_keeps_its_history(ask: Ask, workspace: Workspace) -> None:  # R31
    def agree(edit: Edit) -> None:
        edit.set_agreement(Channel.SMS, AgreementStatus.ENABLED, source="SDK", at=CREATED)

    profile = await a_profile(workspace, email="a@example.com", change=agree)
    await set_to(ask, profile, ("SMS", "DISABLED"), ("EMAIL", "CONFIRMATION"), options={"onBehalfOf": "Eve"})
    await set_to(ask, profile, ("EMAIL", "ENABLED"))
    told = [edge["node"] for edge in (await history(ask, profile, "SMS"))["edges"]]
    assert told[1] == {
        "at": CREATED.isoformat(),
        "from": None,
        "to": "ENABLED",
        "actor": "tester",
        "user": None,
        "source": "SDK",
    }
    entry = await workspace.find_one("journal", {"profile": profile["_id"], "user": "Eve"})
    assert entry is not None
    assert told[0] == {
        "at": entry["occurredAt"].isoformat(),
        "from": "ENABLED",
        "to": "DISABLED",
        "actor": "pgk_test",
        "user": "Eve",
        "source": "CARD",
    }
    told = [edge["node"] for edge in (await history(ask, profile, "EMAIL"))["edges"]]
    assert [(change["from"], change["to"]) for change in told] == [("CONFIRMATION", "ENABLED"), (None, "CONFIRMATION")]
    assert (await history(ask, profile, "WEB_PUSH"))["edges"] == []


async def test_the_history_of_whatsapp_is_its_attributes(ask: Ask, workspace: Workspace) -> None:  # R29 R31
    profile = await a_profile(workspace, change=lambda edit: edit.set_attribute("a", 1, source=ChangeSource.API))
    for status, options in (("ENABLED", {}), ("DISABLED", {"onBehalfOf": "Eve"})):
        await set_to(ask, profile, ("WHATSAPP", status), ("SMS", status), options=options)
    told = [edge["node"] for edge in (await history(ask, profile, "WHATSAPP"))["edges"]]
    assert [(change["from"], change["to"], change["source"]) for change in told] == [
        ("ENABLED", "DISABLED", "CARD"),
        (None, "ENABLED", "API"),
    ]


async def test_the_history_pages(ask: Ask, workspace: Workspace) -> None:  # R31
    profile = await a_profile(workspace)
    for status in ("ENABLED", "DISABLED", "ENABLED"):
        await set_to(ask, profile, ("SMS", status))
        await set_to(ask, profile, ("WEB_PUSH", status))
    whole = (await history(ask, profile, "SMS"))["edges"]
    assert [edge["node"]["to"] for edge in whole] == ["ENABLED", "DISABLED", "ENABLED"]
    first = await history(ask, profile, "SMS", first=2)
    assert (first["edges"], first["pageInfo"]["hasNextPage"]) == (whole[:2], True)
    rest = await history(ask, profile, "SMS", after=whole[1]["cursor"])
    assert (rest["edges"], rest["pageInfo"]["hasNextPage"]) == (whole[2:], False)
    assert (await history(ask, profile, "SMS", last=1, before=whole[2]["cursor"]))["edges"] == whole[1:2]
