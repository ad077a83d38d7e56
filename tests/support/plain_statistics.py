"""Statistics once more, as straight loops over events: what R53 says, and nothing of how they are computed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.support.plain_aggregates import YEAR_1970, number, out

DAY = timedelta(days=1)


def at(event: Any) -> datetime:
    return YEAR_1970 + timedelta(milliseconds=int.from_bytes(event["_id"][:6], "big"))


def within(events: Iterable[Any], since: datetime | None, until: datetime | None) -> list[Any]:
    ordered = sorted(events, key=lambda event: event["_id"])
    return [each for each in ordered if (since is None or at(each) >= since) and (until is None or at(each) < until)]


def transactions(events: Sequence[Any], now: datetime) -> dict[str, Any]:
    charges = [event for event in events if event["action"] == "transaction.charge"]
    cancels: list[Any] = []
    for event in events:
        order = event["params"].get("orderId")
        is_cancel = event["action"] == "transaction.cancel"
        if is_cancel and (order is None or order not in [one["params"].get("orderId") for one in cancels]):
            cancels.append(event)
    times = [at(event) for event in charges]
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    charged, refunded = amounts(charges), amounts(cancels)
    named = list(dict.fromkeys([*charged, *refunded]))
    items = [number(event["params"].get("quantity")) for event in charges]
    return {
        "count": len(charges),
        "revenue": money({name: sum(charged.get(name, [])) - sum(refunded.get(name, [])) for name in named}),
        "averageOrderValue": money({name: sum(each) / len(each) for name, each in charged.items()}),
        "items": out(sum((each for each in items if each is not None), Fraction())),
        "firstAt": times[0] if times else None,
        "lastAt": times[-1] if times else None,
        "daysSinceLast": max(0, (now - times[-1]) // DAY) if times else None,
        "medianDaysBetween": gaps[(len(gaps) + 1) // 2 - 1] / DAY if gaps else None,
        "refunds": {"count": len(cancels), "amounts": money({name: sum(each) for name, each in refunded.items()})},
    }


def amounts(events: Iterable[Any]) -> dict[str | None, list[Fraction]]:
    found: dict[str | None, list[Fraction]] = {}
    for event in events:
        amount, currency = number(event["params"].get("amount")), event["params"].get("currency")
        if amount is not None:
            found.setdefault(currency if isinstance(currency, str) else None, []).append(amount)
    return found


def money(amounts: dict[str | None, Any]) -> list[dict[str, Any]]:
    return [{"currency": name, "amount": out(Fraction(amount))} for name, amount in amounts.items()]


def emails(events: Sequence[Any]) -> dict[str, Any]:
    def of(action: str, **params: str) -> list[Any]:
        return [
            event
            for event in events
            if event["action"] == f"message.{action}"
            and event["params"].get("channel") not in ("sms", "whatsapp")
            and all(event["params"].get(name) == value for name, value in params.items())
        ]

    def unique(action: str) -> int:
        return len({event["params"]["messageId"] for event in of(action) if "messageId" in event["params"]})

    delivered, opened, clicked = len(of("deliver")), unique("open"), unique("click")
    return {
        "sent": len(of("send")),
        "delivered": delivered,
        "opened": len(of("open")),
        "uniqueOpened": opened,
        "clicked": len(of("click")),
        "uniqueClicked": clicked,
        "bouncedHard": len(of("bounce", type="hard")),
        "bouncedSoft": len(of("bounce", type="soft")),
        "unsubscribed": len(of("unsubscribe")),
        "openRate": opened / delivered if delivered else None,
        "clickRate": clicked / delivered if delivered else None,
        "clickToOpenRate": clicked / opened if opened else None,
    }


def pushes(events: Sequence[Any], prefix: str, steps: dict[str, str]) -> dict[str, Any]:
    counts = {name: sum(event["action"] == f"{prefix}.{step}" for event in events) for name, step in steps.items()}
    return {**counts, "clickRate": counts["clicked"] / counts["shown"] if counts["shown"] else None}


PUSH = {"sent": "send", "shown": "show", "clicked": "click", "subscribed": "subscribe", "unsubscribed": "unsubscribe"}
CONTENT = {"shown": "show", "clicked": "click", "closed": "close"}


def statistics(events: Sequence[Any], now: datetime) -> dict[str, Any]:
    return {
        "transactions": transactions(events, now),
        "email": emails(events),
        "webPush": pushes(events, "webPush", PUSH),
        "mobilePush": pushes(events, "mobilePush", PUSH),
        "dynamicContent": pushes(events, "dynamicContent", CONTENT),
    }
