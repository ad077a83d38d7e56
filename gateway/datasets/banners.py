"""Dynamic content of the demo shop: banners that are shown in some sessions, and clicked or closed."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from gateway.datasets.choices import choose, fraction, happens
from gateway.datasets.clock import Clock
from gateway.datasets.happening import Happening, message_id
from gateway.datasets.visits import Visit
from storage.events import Direction

SHOWN, CLICKED, CLOSED = 0.4, 0.25, 0.3


class Banner(NamedTuple):
    """A campaign of dynamic content."""

    id: str
    name: str
    placement: str


BANNERS = (
    Banner("dc-free-delivery", "Free delivery this week", "top bar"),
    Banner("dc-letter", "Subscribe to our letter", "pop-up"),
    Banner("dc-seen-lately", "Seen lately", "product page"),
    Banner("dc-loyalty", "Join the loyalty programme", "cart"),
)


def banner(subject: str, session: Sequence[Visit], clock: Clock) -> Iterator[Happening]:
    """Yield what became of the banner of a session, if it had one."""
    first = session[0]
    if not happens(SHOWN, subject, first.session, "banner"):
        return
    campaign = choose(BANNERS, subject, first.session, "which banner")
    key = f"{first.session}:banner"
    params = {
        "campaignId": campaign.id,
        "campaignName": campaign.name,
        "messageId": message_id(key),
        "placement": campaign.placement,
    }
    shown = clock.at(first.at) + timedelta(milliseconds=500)
    after = shown + timedelta(seconds=2 + 20 * fraction(subject, key, "looked"))
    label = f"“{campaign.name}”"
    yield Happening(f"{key}:show", shown, "dynamicContent.show", f"Saw {label}", params, Direction.FOR_PROFILE)
    which = fraction(subject, key, "reaction")
    if which < CLICKED:
        yield Happening(f"{key}:click", after, "dynamicContent.click", f"Clicked {label}", params)
    elif which < CLICKED + CLOSED:
        yield Happening(f"{key}:close", after, "dynamicContent.close", f"Closed {label}", params)
