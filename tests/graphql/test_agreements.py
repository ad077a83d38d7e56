"""Marketing agreements of a profile."""

from typing import Any

import pytest

from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH, RECEIVES_WHATSAPP
from storage.profiles import AgreementStatus, Channel
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import a_profile

QUERY = (
    "query ($id: ID!) { profile(by: {id: $id}) { subscriptions { channel status canReceive blockedBy updatedAt } } }"
)


async def subscriptions(ask: Ask, profile: Any) -> dict[str, Any]:
    data = await ask(QUERY, id=to_public("prf", profile["_id"]))
    return {found["channel"]: found for found in data["profile"]["subscriptions"]}


async def test_a_profile_that_said_nothing(ask: Ask, workspace: Workspace) -> None:  # R26 R27 R28 R29 R30
    found = await subscriptions(ask, await a_profile(workspace))
    assert list(found) == ["EMAIL", "SMS", "WEB_PUSH", "MOBILE_PUSH", "WHATSAPP"]
    for channel, address in zip(found, ("EMAIL", "PHONE", "DEVICE", "DEVICE", "PHONE"), strict=True):
        assert found[channel] == {
            "channel": channel,
            "status": "NOT_SET",
            "canReceive": False,
            "blockedBy": ["NO_AGREEMENT", f"NO_{address}"],
            "updatedAt": None,
        }


async def test_a_profile_that_agreed_to_everything(ask: Ask, workspace: Workspace) -> None:  # R26 R27 R28 R29
    def agree(edit: Edit) -> None:
        edit.set("phone", "+4712345678")
        for channel in (Channel.EMAIL, Channel.SMS, Channel.WEB_PUSH, Channel.MOBILE_PUSH):
            edit.set_agreement(channel, AgreementStatus.ENABLED, source="API")

    flags: dict[str, Any] = dict.fromkeys((HAS_WEB_PUSH, HAS_MOBILE_PUSH, RECEIVES_WHATSAPP), True)
    found = await subscriptions(ask, await a_profile(workspace, email="a@example.com", change=agree, **flags))
    for channel, subscription in found.items():
        assert (subscription["status"], subscription["canReceive"], subscription["blockedBy"]) == ("ENABLED", True, [])
        assert subscription["updatedAt"] is not None, channel


@pytest.mark.parametrize(
    ("channel", "flag"), [(Channel.WEB_PUSH, HAS_WEB_PUSH), (Channel.MOBILE_PUSH, HAS_MOBILE_PUSH)]
)
async def test_push_needs_agreement_and_device(
    ask: Ask, workspace: Workspace, channel: Channel, flag: str
) -> None:  # R28
    agree = lambda edit: edit.set_agreement(channel, AgreementStatus.ENABLED, source="SDK")  # noqa: E731
    for has, agreed, reasons in (
        (True, None, ["NO_AGREEMENT"]),
        (False, agree, ["NO_DEVICE"]),
        ("true", agree, ["NO_DEVICE"]),
        (True, agree, []),
    ):
        found = await subscriptions(ask, await a_profile(workspace, change=agreed, **{flag: has}))
        assert found[channel]["blockedBy"] == reasons


async def test_an_email_that_waits_for_confirmation_is_not_used(ask: Ask, workspace: Workspace) -> None:  # R26
    def confirm(edit: Edit) -> None:
        edit.set_agreement(Channel.EMAIL, AgreementStatus.CONFIRMATION, source="API")

    found = await subscriptions(ask, await a_profile(workspace, email="a@example.com", change=confirm))
    assert found["EMAIL"]["status"] == "CONFIRMATION"
    assert found["EMAIL"]["blockedBy"] == ["AWAITING_CONFIRMATION"]
