"""Notifications of the demo shop to browsers and phones: registered for, sent, shown, clicked, and not wanted again."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from gateway.datasets.choices import fraction, happens
from gateway.datasets.clock import Clock
from gateway.datasets.consents import Period
from gateway.datasets.devices import device_uuid
from gateway.datasets.happening import Happening, message_id
from storage.events import Direction
from storage.profiles import Channel

SHOWN, CLICKED = 0.82, 0.3
ACTIONS = {Channel.WEB_PUSH: "webPush", Channel.MOBILE_PUSH: "mobilePush"}
TITLES = ("Back in stock", "Two days of free delivery", "Still thinking it over?", "New colours")


class PushCampaign(NamedTuple):
    """A notification to many, on a day of the source."""

    id: str
    title: str
    day: date


def every(days: int, first: date, prefix: str) -> tuple[PushCampaign, ...]:
    dates = [first + timedelta(days=days) * number for number in range(170 // days)]
    return tuple(
        PushCampaign(f"{prefix}-{number:02}", TITLES[number % len(TITLES)], day) for number, day in enumerate(dates, 1)
    )


CAMPAIGNS = {
    Channel.WEB_PUSH: every(12, date(2024, 1, 11), "web-push"),
    Channel.MOBILE_PUSH: every(9, date(2024, 1, 13), "mobile-push"),
}


def pushes(subject: str, channel: Channel, platform: str, period: Period, clock: Clock) -> Iterator[Happening]:
    """Yield the notifications to one device of a customer while the agreement was in force."""
    action, device = ACTIONS[channel], {"deviceUuid": device_uuid(subject, platform), "platform": platform}
    sender = "WEB SDK" if channel is Channel.WEB_PUSH else "MOBILE SDK"

    def told(step: str, label: str, key: str, at: datetime, params: dict[str, Any]) -> Happening:
        is_ours = step in {"send", "show"}
        direction = Direction.FOR_PROFILE if is_ours else Direction.BY_PROFILE
        name = f"{key}:{step}"
        return Happening(name, at, f"{action}.{step}", label, params, direction, "API" if step == "send" else sender)

    key = f"{subject}:{channel}"
    yield told("subscribe", "Allowed notifications", key, period.since, device)
    for campaign in CAMPAIGNS[channel]:
        at = clock.morning(campaign.day, 17, subject, campaign.id)
        if period.since < at < period.until:
            key = f"{subject}:{campaign.id}"
            params = {
                "channel": action,
                "campaignId": campaign.id,
                "campaignName": campaign.title,
                "messageId": message_id(key),
                **device,
            }
            title = f"“{campaign.title}”"
            yield told("send", f"Sent {title}", key, at, params)
            if not happens(SHOWN, key, "shown"):
                continue
            shown = at + timedelta(seconds=1 + 5_400 * fraction(key, "show") ** 3)
            yield told("show", f"Showed {title}", key, shown, params)
            if happens(CLICKED, key, "clicked"):
                clicked = shown + timedelta(seconds=3 + 1_800 * fraction(key, "click") ** 3)
                yield told("click", f"Clicked {title}", key, clicked, params)
    if period.is_withdrawn:
        yield told("unsubscribe", "Refused notifications", f"{subject}:{channel}", period.until, device)
