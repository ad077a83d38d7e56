"""The data sets: what the files hold, what is made of them, and that loads add everything exactly once."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from gateway.datasets import cdnow, ecom
from gateway.datasets.cdnow import Purchase
from gateway.datasets.clock import NEWEST_DAY
from gateway.datasets.dataset import Customer, DataSetError
from gateway.datasets.definitions import ATTRIBUTES, TAGS
from gateway.datasets.devices import event_uuid
from gateway.datasets.event_types import EVENT_TYPES
from gateway.datasets.loading import is_loaded, load
from gateway.datasets.registry import DATASETS
from gateway.datasets.shopping import EVENT_TEMPLATES
from gateway.datasets.visits import Visit
from gateway.settings import Settings
from resolvers.agreements import agreements_of, status_of
from resolvers.identities import push_target_of
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH, AttributeType
from storage.loads import begin_load, find_load
from storage.profiles import AgreementStatus, Channel, FormFactor, Platform
from storage.store.errors import BadInputError, UnavailableError
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write.derived import attribute_value, derive
from storage.write.edits import blank_profile
from tests.support.demo_data import NOW, beside, filled
from tests.support.stores import Stores

FEW = 5
Visitors = list[Customer[Visit]]
Buyers = list[Customer[Purchase]]


@pytest.fixture
def workspace(database: Database) -> Workspace:
    return Workspace(database, "demo")


def texts(put: tuple[Any, Any, Any]) -> dict[str, Any]:
    """Return a document beside a profile without its id, which is another one in each run."""
    _, _, document = put
    return {key: value for key, value in document.items() if key not in {"_id", "dueKey"}}


def events_of(visitors: Visitors, anchor: datetime) -> dict[str, bytes]:
    """Return the UUIDs of all events of some customers, and their ids."""
    return {
        event["uuid"]: event["_id"]
        for customer in visitors
        for event in filled(ecom.DATASET, customer, anchor=anchor).events
    }


class GivenUpError(Exception):
    """A transaction that ends without effect."""


async def stored_events(workspace: Workspace) -> list[Any]:
    return await workspace.find("journal", {"kind": "EVENT"})


async def sizes(workspace: Workspace) -> dict[str, int]:
    names = (
        "profiles",
        "journal",
        "identifiers",
        "notes",
        "tasks",
        "tags",
        "attribute_definitions",
        "event_definitions",
    )
    return {name: len(await workspace.find(name, {}, projection={"_id": 1})) for name in names}


def test_ecom_has_its_known_size(visitors: Visitors) -> None:
    visits = [visit for customer in visitors for visit in customer.rows]
    assert (len(visitors), len(visits), len({visit.session for visit in visits})) == (600, 31_106, 3_605)
    assert {visit.event for visit in visits} == {*EVENT_TEMPLATES, "purchase"}
    assert Counter(visit.event for visit in visits)["purchase"] == 470
    several = [customer for customer in visitors if len({visit.platform for visit in customer.rows}) > 1]
    assert len(several) == 180
    seen_last = [customer.rows[-1].at for customer in visitors]
    assert seen_last == sorted(seen_last, reverse=True)
    assert seen_last[0].date() == NEWEST_DAY
    assert all(
        earlier.at < later.at
        for customer in visitors
        for earlier, later in zip(customer.rows, customer.rows[1:], strict=False)
    )


def test_cdnow_has_its_known_totals(buyers: Buyers) -> None:
    purchases = [purchase for customer in buyers for purchase in customer.rows]
    assert (len(buyers), len(purchases)) == (23_570, 69_659)
    assert sum(purchase.cents for purchase in purchases) == 250_031_563
    days = {purchase.at.date().isoformat() for purchase in purchases}
    assert (min(days), max(days)) == ("1997-01-01", "1998-06-30")
    amounts = [cdnow.event("demo", purchase, NOW)["params"]["amount"] for purchase in purchases]
    assert round(sum(round(amount * 100) for amount in amounts)) == 250_031_563


def test_a_file_that_is_cut_off_is_refused(cdnow_file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.txt"
    cut.write_text("\n".join(cdnow_file.read_text().splitlines()[:-1]))
    with pytest.raises(DataSetError, match="69658 rows, not 23570 with 69659"):
        cdnow.read(cut)


def test_settings_name_the_data_sets() -> None:
    assert set(get_args(Settings.model_fields["demo_data"].annotation)) == {"", *DATASETS}


def test_visits_become_events(visitors: Visitors) -> None:
    actions: set[tuple[str, str]] = set()
    for customer in visitors[:100]:
        events = filled(ecom.DATASET, customer).events
        by_uuid = {event["uuid"]: event for event in events}
        assert len(by_uuid) == len(events)
        for visit in customer.rows:
            event = by_uuid[event_uuid("ecom", visit.key)]
            params = event["params"]
            actions.add((visit.event, event["action"]))
            assert event["occurredAt"].minute == visit.at.minute
            assert (params["sessionId"], params["platform"]) == (visit.session, visit.platform)
            if event["action"] in {"page.visit", "screen.view"}:
                is_app = visit.platform != "desktop"
                assert params["screen" if is_app else "pageType"] == visit.event
                assert event["action"] == ("screen.view" if is_app else "page.visit")
            if event["action"].startswith("product."):
                assert params["sku"].startswith("P-")
    pages = {(name, "screen.view") for name, telling in EVENT_TEMPLATES.items() if telling.action == "page.visit"}
    told = {(name, telling.action) for name, telling in EVENT_TEMPLATES.items()}
    assert actions == {*told, *pages, ("purchase", "transaction.charge")}


def test_people_are_varied_and_consistent(visitors: Visitors) -> None:
    profiles = [filled(ecom.DATASET, customer).profile for customer in visitors[:200]]
    emails = [email for profile in profiles if (email := profile["identities"]["email"])]
    assert len(set(emails)) == len(emails)
    assert all(email.isascii() and email.endswith("@example.com") for email in emails)
    assert 0.6 < len(emails) / len(profiles) < 0.8
    statuses = {(s[1], status_of(s)) for profile in profiles for s in agreements_of(profile)}
    of_any = set(AgreementStatus) - {AgreementStatus.CONFIRMATION}
    assert statuses == {(channel, status) for channel in Channel for status in of_any} | {
        (Channel.EMAIL, AgreementStatus.CONFIRMATION)
    }
    for profile in profiles:
        platforms = {firebase["platform"] for firebase in profile["identities"]["firebaseIds"]}
        assert (attribute_value(profile, HAS_WEB_PUSH) is True) == ("WEB" in platforms)
        assert (attribute_value(profile, HAS_MOBILE_PUSH) is True) == bool({"ANDROID", "IOS"} & platforms)
        assert (push_target_of(profile["identities"]) is not None) == bool({"ANDROID", "IOS"} & platforms)
        registered = {firebase["uuid"]: firebase for firebase in profile["identities"]["firebaseIds"]}
        for uuid in profile["identities"]["uuids"]:
            assert (uuid["platform"] == Platform.WEB) == (uuid["formFactor"] == FormFactor.DESKTOP)
            firebase = registered.get(uuid["value"], uuid)
            assert (firebase["platform"], firebase["formFactor"]) == (uuid["platform"], uuid["formFactor"])
    for kinds in (Platform, FormFactor):
        kind = "platform" if kinds is Platform else "formFactor"
        assert {uuid[kind] for profile in profiles for uuid in profile["identities"]["uuids"]} == set(kinds)  # type: ignore[literal-required]
    incomplete = Counter(attribute_value(p, "city") is None for p in profiles if p["identities"]["email"])
    assert incomplete[True] > 0
    assert incomplete[False] > 0
    values = dict.fromkeys(AttributeType, 0)
    for definition in ATTRIBUTES:
        values[definition["type"]] += sum(attribute_value(p, definition["name"]) is not None for p in profiles)
    assert all(values.values())


def test_what_is_kept_has_its_time_between_the_first_visit_and_the_load(visitors: Visitors) -> None:
    for customer in visitors[:100]:
        working = filled(ecom.DATASET, customer)
        since = working.profile["createdAt"]
        times = [agreement["updatedAt"] for agreement in working.profile["agreements"]]
        times += [attribute["updatedAt"] for attribute in working.profile["attributes"]]
        times += [tag["addedAt"] for tag in working.profile["tags"]]
        times += [document["createdAt"] for _, _, document in working.beside if document]
        times += [event["occurredAt"] for event in working.events]
        assert all(since <= at <= NOW for at in times)
        ids = [document["_id"] for document in (*beside(working, "Note"), *beside(working, "Task"))]
        assert len(set(ids)) == len(ids)


def test_a_customer_is_the_same_in_every_order(visitors: Visitors) -> None:
    customers = visitors[:20]
    forwards = [filled(ecom.DATASET, customer) for customer in customers]
    backwards = [filled(ecom.DATASET, customer) for customer in reversed(customers)]
    for one, other in zip(forwards, backwards[::-1], strict=True):
        assert (one.profile, one.events) == (other.profile, other.events)
        assert [texts(document) for document in one.beside] == [texts(document) for document in other.beside]


async def test_load_adds_everything_once(
    database: Database, workspace: Workspace, ecom_file: Path, visitors: Visitors
) -> None:
    reports: list[int] = []
    progress = await load(
        database, "demo", ecom.DATASET, ecom_file, limit=FEW, report=lambda now: reports.append(now.profiles)
    )
    begun = await find_load(workspace, "ecom")
    assert begun is not None
    expected = events_of(visitors[:FEW], begun["anchor"])
    assert (progress.profiles, progress.skipped, progress.events) == (FEW, 0, len(expected))
    assert reports == list(range(FEW + 1))
    before = await sizes(workspace)
    events = sorted(await stored_events(workspace), key=lambda event: event["_id"])
    assert before["profiles"] == FEW
    assert {event["uuid"]: event["_id"] for event in events} == expected
    assert max(event["occurredAt"] for event in events) <= begun["anchor"]
    assert before["event_definitions"] == len(EVENT_TYPES)
    assert before["tags"] == len(TAGS)
    assert await is_loaded(workspace, ecom.DATASET, limit=FEW)
    assert not await is_loaded(workspace, ecom.DATASET)

    again = await load(database, "demo", ecom.DATASET, ecom_file, limit=FEW)
    assert (again.skipped, again.events) == (FEW, 0)
    assert await sizes(workspace) == before
    assert sorted(await stored_events(workspace), key=lambda event: event["_id"]) == events

    more = await load(database, "demo", ecom.DATASET, ecom_file, limit=FEW + 1)
    assert (more.profiles, more.skipped) == (FEW + 1, FEW)
    assert (await find_load(workspace, "ecom") or {})["anchor"] == begun["anchor"]


async def test_loads_beside_each_other_add_everything_once(
    stores: Stores, database: Database, workspace: Workspace, ecom_file: Path, visitors: Visitors, database_name: str
) -> None:
    other = Database.connect(stores.mongodb_uri, name=database_name, timeout=10)
    try:
        await asyncio.gather(
            *(load(each, "demo", ecom.DATASET, ecom_file, limit=FEW) for each in (database, other)),
            load(database, "other", ecom.DATASET, ecom_file, limit=2),
        )
    finally:
        await other.close()
    begun = await find_load(workspace, "ecom")
    assert begun is not None
    assert len(await stored_events(workspace)) == len(events_of(visitors[:FEW], begun["anchor"]))
    assert (await sizes(workspace))["profiles"] == FEW
    assert (await sizes(Workspace(database, "other")))["profiles"] == 2


async def test_a_killed_load_goes_on_where_it_was(
    stores: Stores, database: Database, workspace: Workspace, ecom_file: Path, visitors: Visitors, database_name: str
) -> None:
    # The whole data set takes far longer than it takes to see its first profiles, so the kill comes in the middle.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.cli.main", "load", "ecom"),
        env={
            **os.environ,
            "GATEWAY_MONGODB_URI": stores.mongodb_uri,
            "GATEWAY_MONGODB_DATABASE": database_name,
            "GATEWAY_DATA_DIR": str(ecom_file.parent.parent),
        },
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            while len(await workspace.find("profiles", {}, projection={"_id": 1})) < 3:
                await asyncio.sleep(0.02)
    finally:
        process.kill()
    assert await process.wait() == -signal.SIGKILL
    begun = await find_load(workspace, "ecom")
    assert begun is not None
    assert begun["finishedAt"] is None

    # What was under way when it died would be ended after a minute; the next test waits for such a thing.
    await database.command({"killAllSessions": []})
    wanted = (await sizes(workspace))["profiles"] + FEW
    progress = await load(database, "demo", ecom.DATASET, ecom_file, limit=wanted)
    assert progress.skipped >= 3
    expected = events_of(visitors[:wanted], begun["anchor"])
    assert {event["uuid"]: event["_id"] for event in await stored_events(workspace)} == expected
    profiles = await workspace.find("profiles", {})
    assert len(profiles) == wanted
    assert sum(profile["eventCount"] for profile in profiles) == len(expected)


async def test_a_load_waits_for_what_another_process_has_begun(
    database: Database, workspace: Workspace, ecom_file: Path, visitors: Visitors
) -> None:
    anchor = await begin_load(workspace, "ecom", now=NOW)
    profile = blank_profile(workspace, ecom.DATASET.profile_id(workspace, visitors[0], anchor), NOW)
    derive(profile)
    begun, released = asyncio.Event(), asyncio.Event()

    async def insert(session: Any) -> None:
        await database.insert("profiles", [dict(profile)], session=session)

    async def insert_and_wait(session: Any) -> None:
        await insert(session)
        begun.set()
        await released.wait()
        raise GivenUpError

    other = asyncio.create_task(database.transaction(insert_and_wait, patience=60))
    await begun.wait()
    loading = asyncio.create_task(load(database, "demo", ecom.DATASET, ecom_file, limit=2))
    with pytest.raises(UnavailableError):  # by now the load has given up for the first time, too
        await database.transaction(insert)
    released.set()
    with pytest.raises(GivenUpError):
        await other
    assert (await loading).profiles == 2
    assert len(await stored_events(workspace)) == len(events_of(visitors[:2], anchor))


async def test_cdnow_keeps_its_days_and_totals(
    database: Database, workspace: Workspace, cdnow_file: Path, buyers: Buyers
) -> None:
    customers = buyers[:30]
    await load(database, "demo", cdnow.DATASET, cdnow_file, limit=30)
    events = await stored_events(workspace)
    assert sum(round(event["params"]["amount"] * 100) for event in events) == sum(
        purchase.cents for customer in customers for purchase in customer.rows
    )
    profiles = {profile["_id"]: profile for profile in await workspace.find("profiles", {})}
    assert {profile["identities"]["customId"] for profile in profiles.values()} == {c.id for c in customers}
    # 00002 bought twice on the twelfth of January 1997.
    twice = [e for e in events if profiles[e["profile"]]["identities"]["customId"] == "00002"]
    assert [
        (e["occurredAt"].date().isoformat(), e["params"]["amount"]) for e in sorted(twice, key=lambda e: e["_id"])
    ] == [
        ("1997-01-12", 12.0),
        ("1997-01-12", 77.0),
    ]
    assert {event["action"] for event in events} == {"transaction.charge"}


async def test_an_identifier_that_is_taken_stops_the_load(database: Database, ecom_file: Path) -> None:
    await load(database, "demo", ecom.DATASET, ecom_file, limit=2)
    await database.delete("profiles", {"workspace": "demo"})
    await database.update("identifiers", {"workspace": "demo", "kind": "UUID"}, {"$set": {"profile": bytes(16)}})
    with pytest.raises(DataSetError, match="another profile has its identifiers"):
        await load(database, "demo", ecom.DATASET, ecom_file, limit=2)


async def test_a_malformed_workspace_is_refused(database: Database, ecom_file: Path) -> None:
    with pytest.raises(BadInputError, match="lower-case"):
        await load(database, "No Such", ecom.DATASET, ecom_file, limit=1)
