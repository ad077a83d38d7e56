"""The demo data agree with themselves: the books add up, times look like shopping, no story contradicts itself."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from gateway.datasets import ecom
from gateway.datasets.dataset import Customer
from gateway.datasets.devices import event_uuid
from gateway.datasets.event_types import EVENT_TYPES
from gateway.datasets.people import home_of
from gateway.datasets.team import CUSTOMER, TEAM
from gateway.datasets.visits import Visit
from storage.events import Direction
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.write.derived import attribute_value
from storage.write.working_copy import Edit
from tests.support.demo_data import NOW, an_edit, beside, filled

Visitors = list[Customer[Visit]]
MANY = 25
CHAINS = {
    "message": ("send", "deliver", "open", "click"),
    "webPush": ("send", "show", "click"),
    "mobilePush": ("send", "show", "click"),
    "dynamicContent": ("show", "click"),
}
OURS = {
    *("message.send", "message.deliver", "message.bounce", "webPush.send", "webPush.show"),
    *("mobilePush.send", "mobilePush.show", "dynamicContent.show"),
}
POST_CODES = {
    "United States": r"\d{5}",
    "United Kingdom": r"[A-Z]{1,2}\d{2} \d[A-Z]{2}",
    "Germany": r"\d{5}",
    "France": r"\d{5}",
}


Agreements = dict[Channel, AgreementStatus]


class Step(NamedTuple):
    """One of the edits that made a profile."""

    editor: str | None
    before: Agreements
    after: Agreements
    has_effect: bool


class Known(NamedTuple):
    """A customer as the source has it, and as the profile became step by step."""

    customer: Customer[Visit]
    working: Edit
    zone: ZoneInfo
    steps: list[Step]

    @property
    def profile(self) -> ProfileDoc:
        return self.working.profile

    def events(self, *actions: str) -> list[Any]:
        return sorted((e for e in self.working.events if e["action"] in actions), key=lambda e: e["occurredAt"])


@pytest.fixture(scope="session")
def everybody(visitors: Visitors) -> list[Known]:
    return [known(customer) for customer in visitors]


def known(customer: Customer[Visit]) -> Known:
    working, steps = an_edit(ecom.created_at(customer, NOW)), []
    for turn in ecom.turns(customer, NOW):
        before, was = agreements_of(working.profile), deepcopy((working.profile, len(working.beside)))
        turn.change(working)
        has_effect = was != (working.profile, len(working.beside))
        steps.append(Step(turn.actor.on_behalf_of, before, agreements_of(working.profile), has_effect))
    return Known(customer, working, ZoneInfo(home_of(f"ecom:{customer.id}").zone), steps)


def cents(events: Iterable[Any]) -> int:
    return sum(round(event["params"]["amount"] * 100) for event in events)


def spent(known: Known) -> int:
    return cents(known.events("transaction.charge")) - cents(known.events("transaction.cancel"))


def test_there_is_as_much_as_a_load_may_cost(everybody: list[Known]) -> None:
    uuids = [event["uuid"] for known in everybody for event in known.working.events]
    assert len(set(uuids)) == len(uuids)
    assert round(len(uuids), -3) == 48_000  # as the README says


def test_times_are_moved_by_whole_days_and_look_like_shopping(everybody: list[Known]) -> None:
    hours: Counter[int] = Counter()
    for known in everybody:
        at = {event["uuid"]: event["occurredAt"].astimezone(known.zone) for event in known.working.events}
        moved = {at[event_uuid("ecom", row.key)].replace(tzinfo=None) - row.at for row in known.customer.rows}
        assert len(moved) == 1
        (by,) = moved
        assert by % timedelta(days=1) == timedelta()
        hours.update(moment.hour for moment in at.values())
    assert min(hours) >= 8
    assert sum(hours[hour] for hour in range(9, 17)) > 0.5 * hours.total()
    assert all(hours[hour] > 0.04 * hours.total() for hour in range(9, 21))
    newest = max(event["occurredAt"] for known in everybody for event in known.working.events)
    assert timedelta() <= NOW - newest < timedelta(days=1)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_nothing_is_in_the_future_whenever_it_is_loaded(visitors: Visitors, hour: int) -> None:
    anchor = datetime(2027, 3, 28, hour, 59, tzinfo=UTC)  # clocks go forward in Europe
    for customer in visitors[:60]:
        for event in filled(ecom.DATASET, customer, anchor=anchor).events:
            assert event["occurredAt"] <= anchor


def test_what_was_paid_for_was_in_the_cart(everybody: list[Known]) -> None:
    orders = 0
    for known in everybody:
        cart: Counter[str] = Counter()
        for event in known.events("product.addToCart", "transaction.charge"):
            params = event["params"]
            if event["action"] == "product.addToCart":
                cart[params["sku"]] += params["quantity"]
                continue
            bought: Counter[str] = Counter()
            for item in params["items"]:
                bought[item["sku"]] += item["quantity"]
            assert bought <= cart
            cart -= bought
            orders += 1
            assert params["currency"] in {"USD", "GBP", "EUR"}
        assert ("abandoned cart" in tags_of(known)) == bool(cart)
    assert orders > 600


def test_bought_things_add_up_to_the_charge(everybody: list[Known]) -> None:
    for known in everybody:
        sums: defaultdict[str, int] = defaultdict(int)
        for event in known.events("product.buy"):
            sums[event["params"]["orderId"]] += round(event["params"]["price"] * 100) * event["params"]["quantity"]
        charged = {event["params"]["orderId"]: cents([event]) for event in known.events("transaction.charge")}
        assert sums == charged
        assert all(charged.values())


def test_orders_have_ids_of_their_own(everybody: list[Known]) -> None:
    ids = [event["params"]["orderId"] for known in everybody for event in known.events("transaction.charge")]
    assert len(set(ids)) == len(ids)


def test_a_cancel_follows_its_charge(everybody: list[Known]) -> None:
    whole = part = 0
    for known in everybody:
        charges = {event["params"]["orderId"]: event for event in known.events("transaction.charge")}
        for event in known.events("transaction.cancel"):
            charge = charges[event["params"]["orderId"]]
            assert event["occurredAt"] > charge["occurredAt"]
            assert event["params"]["currency"] == charge["params"]["currency"]
            assert 0 < cents([event]) <= cents([charge])
            assert all(item in charge["params"]["items"] for item in event["params"]["items"])
            whole += cents([event]) == cents([charge])
            part += cents([event]) < cents([charge])
    assert whole > MANY
    assert part > 15


def test_most_buyers_come_back(everybody: list[Known]) -> None:
    orders = [len(known.events("transaction.charge")) for known in everybody]
    assert sum(count > 1 for count in orders) >= sum(count > 0 for count in orders) / 2


def test_vips_spend_most(everybody: list[Known]) -> None:
    vips = [spent(known) for known in everybody if "vip" in tags_of(known)]
    others = [spent(known) for known in everybody if "vip" not in tags_of(known)]
    assert min(vips) > max(others)
    assert len(vips) > 20
    buyers = {known.customer.id for known in everybody if "buyer" in tags_of(known)}
    assert buyers == {known.customer.id for known in everybody if known.events("transaction.charge")}


def test_the_cohort_is_the_month_of_creation(everybody: list[Known]) -> None:
    for known in everybody:
        assert attribute_value(known.profile, "cohort") == f"{known.profile['createdAt']:%Y-%m}"


def test_addresses_are_of_their_cities(everybody: list[Known]) -> None:
    lines = 0
    for known in everybody:
        values = {attribute["name"]: attribute["value"] for attribute in known.profile["attributes"]}
        assert not [value for value in values.values() if isinstance(value, str) and len(value.splitlines()) > 1]
        if "zipCode" in values:
            lines += 1
            home = home_of(f"ecom:{known.customer.id}")
            assert values["city"] == home.city
            assert re.fullmatch(POST_CODES[values["country"]], values["zipCode"])
            assert values["zipCode"].startswith(re.split("[#?]", home.post_code)[0])
    assert lines > 100


def test_both_directions_are_there(everybody: list[Known]) -> None:
    directions: defaultdict[str, set[Direction]] = defaultdict(set)
    for known in everybody:
        for event in known.working.events:
            directions[event["action"]].add(event["direction"])
    ours = {action for action, found in directions.items() if found == {Direction.FOR_PROFILE}}
    assert ours == OURS
    assert all(len(found) == 1 for found in directions.values())
    assert set(directions) == set(EVENT_TYPES)


def test_messages_go_their_way_in_order(everybody: list[Known]) -> None:
    for known in everybody:
        messages: defaultdict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        for event in known.working.events:
            family, _, step = event["action"].partition(".")
            if family in CHAINS and "messageId" in event["params"]:
                chain = messages[family, event["params"]["messageId"]]
                assert step not in chain
                chain[step] = event
        for (family, _), chain in messages.items():
            order = [step for step in CHAINS[family] if step in chain]
            assert order == list(CHAINS[family][: len(order)])
            times = [chain[step]["occurredAt"] for step in order]
            assert times == sorted(times)
            assert len({event["params"]["campaignId"] for event in chain.values()}) == 1
            assert not {"bounce", "deliver"} <= set(chain)
            assert "unsubscribe" not in chain or "open" in chain


def test_letters_and_notifications_need_an_agreement(everybody: list[Known]) -> None:
    for known in everybody:
        status = {agreement["channel"]: agreement for agreement in known.profile["agreements"]}
        letters = [e for e in known.events("message.send") if "orderId" not in e["params"]]
        sent = {
            Channel.EMAIL: letters,
            Channel.WEB_PUSH: known.events("webPush.send"),
            Channel.MOBILE_PUSH: known.events("mobilePush.send"),
        }
        for channel, events in sent.items():
            if not events:
                continue
            agreement = status[channel]
            assert agreement["status"] in {AgreementStatus.ENABLED, AgreementStatus.DISABLED}
            if agreement["status"] is AgreementStatus.DISABLED:
                assert events[-1]["occurredAt"] <= agreement["updatedAt"]
        for event in known.events("message.unsubscribe"):
            assert status[Channel.EMAIL]["updatedAt"] == event["occurredAt"]
            assert not [letter for letter in letters if letter["occurredAt"] > event["occurredAt"]]
        for event in known.events("message.bounce"):
            if event["params"]["type"] == "hard":
                assert letters[-1]["params"]["messageId"] == event["params"]["messageId"]


def test_every_figure_has_many_customers(everybody: list[Known]) -> None:  # R53
    figures: Counter[str] = Counter()
    for known in everybody:
        figures.update({event["action"] for event in known.working.events})
        figures.update({f"{e['action']} {e['params']['type']}" for e in known.events("message.bounce")})
    wanted = {
        *(action for action in EVENT_TYPES if action != "message.bounce"),
        *("message.bounce hard", "message.bounce soft"),
    }
    assert {figure for figure in wanted if figures[figure] < MANY} == set()


def test_pages_have_titles_and_searches_have_queries(everybody: list[Known]) -> None:
    searched = products = 0
    for known in everybody:
        for event in known.events("page.visit", "screen.view"):
            params = event["params"]
            assert params["title"]
            products += "/products/" in params.get("url", "")
            if "query" in params and "url" in params:
                assert params["url"].endswith(f"/search?q={params['query'].replace(' ', '+')}")
                searched += 1
    assert searched > 1_000
    assert products > 1_000


def test_apps_are_started_by_owners_of_phones_and_tablets(everybody: list[Known]) -> None:
    for known in everybody:
        started = {event["params"]["sessionId"] for event in known.events("client.applicationStarted")}
        assert started == {row.session for row in known.customer.rows if row.platform != "desktop"}


def test_tasks_are_open_done_and_overdue(everybody: list[Known]) -> None:
    tasks = [task for known in everybody for task in beside(known.working, "Task")]
    states = Counter(
        "done" if task["done"] else "overdue" if task["dueAt"] and task["dueAt"] < NOW else "open" for task in tasks
    )
    assert min(states[state] for state in ("done", "overdue", "open")) > MANY
    assert {task["assignee"] for task in tasks} == {None, *(colleague.name for colleague in TEAM)}
    assert all((task["doneAt"] is not None) == task["done"] for task in tasks)
    assert all(task["createdAt"] <= task["doneAt"] <= NOW for task in tasks if task["done"])


def test_notes_are_about_what_happened(everybody: list[Known]) -> None:
    texts: Counter[str] = Counter()
    for known in everybody:
        orders = {event["params"]["orderId"] for event in known.events("transaction.charge")}
        for note in beside(known.working, "Note"):
            texts[note["text"]] += 1
            assert set(re.findall(r"O-\d{8}", note["text"])) <= orders
            assert "{" not in note["text"]
    assert sum("O-" in text for text in texts) > 100
    assert len(texts) > 200


def test_agreements_of_all_states_came_about_step_by_step(everybody: list[Known]) -> None:
    changes: Counter[tuple[Channel, AgreementStatus | None, AgreementStatus]] = Counter()
    for step in (step for known in everybody for step in known.steps):
        changed = step.after.items() - step.before.items()
        changes.update((channel, step.before.get(channel), status) for channel, status in changed)
    on, off, asked = AgreementStatus.ENABLED, AgreementStatus.DISABLED, AgreementStatus.CONFIRMATION
    email = ((None, asked), (None, off), (asked, on), (on, off))
    others = ((None, on), (None, off), (on, off))
    assert set(changes) == {
        *((Channel.EMAIL, *step) for step in email),
        *((channel, *step) for channel in (Channel.SMS, Channel.WEB_PUSH, Channel.MOBILE_PUSH) for step in others),
    }
    assert min(changes.values()) > MANY


def test_several_people_edit_over_time(everybody: list[Known]) -> None:
    later = [step for known in everybody for step in known.steps[1:]]
    editors = Counter(step.editor for step in later)
    assert set(editors) == {CUSTOMER.on_behalf_of, *(colleague.name for colleague in TEAM)}
    assert min(editors.values()) > MANY
    assert all(step.has_effect for step in later)
    assert max(len(known.steps) for known in everybody) <= 5


def tags_of(known: Known) -> set[str]:
    return {tag["name"] for tag in known.profile["tags"]}


def agreements_of(profile: ProfileDoc) -> Agreements:
    return {agreement["channel"]: agreement["status"] for agreement in profile["agreements"]}
