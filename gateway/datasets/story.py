"""The story of one visitor of the demo shop, from the first visit to the anchor, before anything of it is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.datasets.choices import happens
from gateway.datasets.clock import Clock, clock_of
from gateway.datasets.consents import Consent, Period, consents, period_of, withdrawn_at
from gateway.datasets.devices import PLATFORMS, takes_pushes
from gateway.datasets.happening import Happening, until
from gateway.datasets.mailings import confirmations, left_at, letters
from gateway.datasets.people import Person, home_of, invent
from gateway.datasets.places import Place
from gateway.datasets.pushes import pushes
from gateway.datasets.shopping import Shopper
from gateway.datasets.telling import Telling
from gateway.datasets.visits import Visit, completed
from storage.profiles import Channel, Platform
from storage.store.ids import whole_milliseconds

SETTLED = timedelta(seconds=2)  # after a visit, what belongs to it is told
STARTS_BEFORE = timedelta(seconds=2)  # the start of the app comes before the first visit, and the profile before both


@dataclass(slots=True)
class Story:
    """Everything that is told of a visitor; `person` is None for one who stayed anonymous."""

    subject: str
    visits: Sequence[Visit]
    home: Place
    clock: Clock
    person: Person | None
    shopper: Shopper
    agreements: dict[Channel, list[Consent]] = field(default_factory=dict)
    happened: list[Happening] = field(default_factory=list)

    @property
    def since(self) -> datetime:
        return beginning(self.visits, self.clock)

    @property
    def until(self) -> datetime:
        return self.clock.at(self.visits[-1].at)


def beginning(visits: Sequence[Visit], clock: Clock) -> datetime:
    return clock.at(visits[0].at) - STARTS_BEFORE


def began(subject: str, rows: Sequence[Visit], anchor: datetime) -> datetime:
    """Return when the story of a visitor begins, without telling it."""
    visits = completed(subject, rows)
    return beginning(visits, clock_of(home_of(subject), visits[-1].at + SETTLED, anchor))


def story_of(subject: str, rows: Sequence[Visit], anchor: datetime) -> Story:
    """Tell the story of a visitor. Who gave payment details gave an email; of the others, some did."""
    visits, home = completed(subject, rows), home_of(subject)
    gave = {visit.event for visit in visits} & {"payment_details", "purchase"}
    person = invent(subject) if gave or happens(0.15, subject, "known") else None
    clock = clock_of(home, visits[-1].at + SETTLED, anchor)
    story = Story(subject, visits, home, clock, person, Shopper(home.country.currency))
    channels = [Channel.WEB_PUSH, Channel.MOBILE_PUSH]
    channels += [Channel.EMAIL] if person else []
    channels += [Channel.SMS] if person and person.phone else []
    seen_at = [clock.at(visit.at) for visit in visits]
    story.agreements = consents(subject, channels, since=story.since, until=story.until, visits=seen_at)
    telling = Telling(subject, clock, story.shopper)
    happened = telling.told(visits)
    if person:
        happened += confirmations(subject, list(telling.orders.items()))
    happened += lettered(story)
    happened += pushed(story)
    story.happened = until(happened, anchor)
    return story


def lettered(story: Story) -> list[Happening]:
    """Return the letters to the visitor; the one in which the agreement is withdrawn says when that was."""
    states = story.agreements.get(Channel.EMAIL, [])
    period = period_of(states, story.clock.anchor)
    if period is None:
        return []
    mailed = letters(story.subject, period, story.clock)
    if left := left_at(mailed):
        kept = withdrawn_at(states, whole_milliseconds(left))
        story.agreements[Channel.EMAIL] = [state for state in kept if state.at <= story.clock.anchor]
    return mailed


def pushed(story: Story) -> Iterator[Happening]:
    """Yield the notifications to the visitor, on the first device of each kind that is registered for them."""
    for channel, is_web in ((Channel.WEB_PUSH, True), (Channel.MOBILE_PUSH, False)):
        period = period_of(story.agreements.get(channel, []), story.clock.anchor)
        platform = next((name for name in registered(story) if is_web == (PLATFORMS[name] == (Platform.WEB,))), None)
        if period is not None and platform is not None:
            yield from pushes(story.subject, channel, platform, after_first_use(story, platform, period), story.clock)


def registered(story: Story) -> list[str]:
    used = dict.fromkeys(visit.platform for visit in story.visits)
    return [platform for platform in used if takes_pushes(story.subject, platform)]


def after_first_use(story: Story, platform: str, period: Period) -> Period:
    """Return a period from the device's first use on: nobody is notified on a device that was not seen yet."""
    first = next(story.clock.at(visit.at) for visit in story.visits if visit.platform == platform)
    return period._replace(since=max(period.since, first))
