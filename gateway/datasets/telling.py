"""Visits told as what happened, in the browser or in the shop's app."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.datasets.banners import banner
from gateway.datasets.clock import Clock
from gateway.datasets.devices import device_uuid, ip_address
from gateway.datasets.happening import Happening
from gateway.datasets.orders import Order, buys, charge, order_of, taken_back
from gateway.datasets.shopping import EVENT_TEMPLATES, Shopper, product_page
from gateway.datasets.visits import TICK, Visit, sessions_of

SENDERS = {"desktop": "WEB SDK", "mobile": "MOBILE SDK", "tablet": "MOBILE SDK"}
BROWSERS = frozenset({"desktop"})
STARTS_BEFORE = timedelta(seconds=1)
NOT_OF_SCREENS = frozenset({"pageType", "url"})


@dataclass(slots=True)
class Telling:
    """The visits of one customer while they are told; `orders` are by the key of their purchase."""

    subject: str
    clock: Clock
    shopper: Shopper
    orders: dict[str, Order] = field(default_factory=dict)

    def told(self, visits: Sequence[Visit]) -> list[Happening]:
        """Return everything that the customer did in the shop, and what was shown."""
        happened: list[Happening] = []
        for session in sessions_of(visits):
            events = [each for visit in session for each in self.of_visit(visit, session[0])]
            happened += self.by_visitor([*events, *banner(self.subject, session, self.clock)], session[0])
        for row, order in self.orders.items():
            if (back := taken_back(order, row, self.clock)) and back[0].at <= self.clock.anchor:
                happened.append(back[0])
                self.shopper.spent -= back[1]
        return happened

    def of_visit(self, visit: Visit, first: Visit) -> Iterator[Happening]:
        at, is_app = self.clock.at(visit.at), visit.platform not in BROWSERS
        if is_app and visit is first:
            yield Happening(
                f"{visit.key}:start", at - STARTS_BEFORE, "client.applicationStarted", "Started the app", {}
            )
        if visit.event == "purchase":
            order = self.orders[visit.key] = order_of(self.shopper, visit.key, at)
            yield charge(order, visit.key)
            yield from buys(order, visit.key)
            return
        template = EVENT_TEMPLATES[visit.event]
        params = template.params(self.shopper, visit.key)
        action, label = template.action, template.label.format(**params)
        if action == "page.visit" and is_app:
            action, screen = "screen.view", {key: value for key, value in params.items() if key not in NOT_OF_SCREENS}
            params = {"screen": params["pageType"], **screen}
        yield Happening(visit.key, at, action, label, params)
        if action == "product.view" and not is_app and (product := self.shopper.looking_at):
            label = f"Visited the page of {product.name}"
            yield Happening(f"{visit.key}:page", at + TICK, "page.visit", label, product_page(product))

    def by_visitor(self, happenings: Iterable[Happening], visit: Visit) -> Iterator[Happening]:
        """Yield what happened in a session with what each of its events says about the visitor."""
        about = {
            "sessionId": visit.session,
            "platform": visit.platform,
            "acquisitionChannel": visit.channel,
            "deviceUuid": device_uuid(self.subject, visit.platform),
        }
        sender, ip = SENDERS[visit.platform], ip_address(self.subject, visit.platform)
        for happening in happenings:
            yield happening._replace(params={**happening.params, **about}, sender=sender, ip=ip)
