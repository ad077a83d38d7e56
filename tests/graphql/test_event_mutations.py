"""Events by hand, and events in batches."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.store.ids import EPOCH, to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, an_event
from tests.support.mutating import arguments_of, codes, document, mutate, refusals

EVENT = """event { id uuid action label occurredAt originalOccurredAt source sender direction params }
  profile { version activity { lastActivityAt events { totalCount } } }"""
RESULTS = "results { status id code field message }"
AT = CREATED.isoformat()


def an_incoming(uuid: str = "e-1", *, action: str = "page.visit", **rest: Any) -> dict[str, Any]:
    return {"uuid": uuid, "action": action, "occurredAt": AT, "person": {"uuid": "u-1"}, **rest}


async def adding(ask: Ask, profile: ProfileDoc, action: str = "page.visit", **given: Any) -> Any:
    how = {"scopes": given.pop("scopes")} if "scopes" in given else {}
    event = {"profileId": to_public("prf", profile["_id"]), "action": action, **given}
    return await mutate(ask, "eventCreate", event, selecting=EVENT, **how)


async def sent(ask: Ask, *events: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    answer = await mutate(ask, "eventsCreate", {"events": list(events), **options}, selecting=RESULTS)
    assert answer["userErrors"] == []
    return answer["results"]


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


async def profiles_of(workspace: Workspace) -> list[ProfileDoc]:
    return await workspace.find("profiles", {}, sort=[("_id", 1)])


async def test_an_event_is_added_by_hand(ask: Ask, workspace: Workspace) -> None:  # R42
    profile = await a_profile(workspace)
    answer = await adding(ask, profile, occurredAt=AT, label="Came by", params={"page": "/a"})
    assert answer["userErrors"] == []
    event = answer["event"]
    assert (event["action"], event["label"], event["occurredAt"]) == ("page.visit", "Came by", AT)
    assert (event["source"], event["sender"], event["direction"]) == ("API", "API", "BY_PROFILE")
    assert event["params"] == {"page": "/a"}
    assert answer["profile"]["activity"] == {"lastActivityAt": AT, "events": {"totalCount": 1}}
    found = await ask("query ($id: ID!) { node(id: $id) { ... on Event { uuid } } }", id=event["id"])
    assert found["node"] == {"uuid": event["uuid"]}
    by_person = await adding(ask, profile, occurredAt=AT, onBehalfOf="Eve")
    assert by_person["event"]["source"] == "CARD"
    assert by_person["event"]["uuid"] != event["uuid"]


async def test_a_variable_that_is_not_given_is_missing_from_a_json_literal(ask: Ask, workspace: Workspace) -> None:
    id = to_public("prf", (await a_profile(workspace))["_id"])
    params = "{gone: $gone, given: $given, list: [$gone, $given]}"
    add = f"""mutation ($id: ID!, $gone: JSON, $given: JSON) {{
      eventCreate(profileId: $id, input: {{action: "page.visit", params: {params}}}) {{ event {{ params }} }} }}"""
    event = (await ask(add, id=id, given=1))["eventCreate"]["event"]
    assert event["params"] == {"given": 1, "list": [None, 1]}


async def test_an_event_by_hand_with_a_known_uuid_is_the_known_one(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    first = await adding(ask, profile, uuid="e-1")
    assert await adding(ask, profile, uuid="e-1") == first
    other = await adding(ask, profile, "screen.view", uuid="e-1")
    assert codes(other) == [("TAKEN", ["input", "uuid"])]
    assert other["userErrors"][0]["__typename"] == "InputError"
    elsewhere = await a_profile(workspace, events=[an_event(uuid="e-2")])
    assert codes(await adding(ask, profile, uuid="e-2", occurredAt=AT)) == [("TAKEN", ["input", "uuid"])]
    assert codes(await adding(ask, profile, expectedVersion=1)) == [("INVALID_VALUE", ["options", "expectedVersion"])]
    assert len(await workspace.find("journal", {"kind": "EVENT"})) == 2
    assert elsewhere["eventCount"] == 1


async def test_a_dry_run_of_an_event_writes_nothing(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    answer = await adding(ask, profile, dryRun=True)
    assert answer["profile"]["activity"]["events"]["totalCount"] == 1
    (result,) = await sent(ask, an_incoming(), dryRun=True)
    assert result["status"] == "CREATED"
    assert await workspace.find("journal", {"kind": "EVENT"}) == []
    assert await profiles_of(workspace) == [profile]


async def test_an_event_by_hand_is_masked_like_every_other(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    scopes = frozenset({Scope.PROFILES_WRITE, Scope.PROFILES_READ})
    answer = await adding(ask, profile, "a", label="Ann", params={"name": "Ann"}, scopes=scopes)
    assert (answer["event"]["label"], answer["event"]["params"]) == (None, {})


async def test_a_future_event_gets_the_time_of_receipt_and_keeps_its_own(ask: Ask, workspace: Workspace) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=3)).replace(microsecond=0).isoformat()
    first, again = [await sent(ask, an_incoming(occurredAt=ahead)) for _ in range(2)]
    assert statuses([*first, *again]) == ["CREATED", "DUPLICATE"]
    assert first[0]["id"] == again[0]["id"]
    (event,) = (await profiles_of(workspace))[0]["recent"]
    assert event["originalOccurredAt"] == datetime.fromisoformat(ahead)
    assert event["occurredAt"] == event["receivedAt"] < datetime.now(UTC)
    query = "query ($id: ID!) { node(id: $id) { ... on Event { originalOccurredAt } } }"
    assert (await ask(query, id=first[0]["id"]))["node"] == {"originalOccurredAt": ahead}
    (changed,) = await sent(ask, an_incoming(occurredAt=AT))
    assert changed["status"] == "CONFLICT"


@pytest.mark.parametrize("at", ["1969-12-31T23:59:59.999Z", "1815-12-10T00:00:00Z", "0001-01-01T00:00:00Z"])
async def test_an_event_from_before_1970_gets_its_beginning_and_keeps_its_own_time(
    ask: Ask, workspace: Workspace, at: str
) -> None:
    first, again = [await sent(ask, an_incoming(occurredAt=at)) for _ in range(2)]
    assert statuses([*first, *again]) == ["CREATED", "DUPLICATE"]
    (event,) = (await profiles_of(workspace))[0]["recent"]
    assert (event["occurredAt"], event["originalOccurredAt"]) == (EPOCH, datetime.fromisoformat(at))
    definition = {"function": "LAST_AT", "actions": ["page.visit"], "window": {"kind": "BETWEEN", "to": AT}}
    query = """query ($id: ID!, $definition: AggregateInput!) {
      aggregatePreview(profileId: $id, definition: $definition) { value { ... on DateValue { date } } } }"""
    id = to_public("prf", (await profiles_of(workspace))[0]["_id"])
    assert (await ask(query, id=id, definition=definition))["aggregatePreview"]["value"] == {"date": EPOCH.isoformat()}


async def test_the_same_events_again_change_nothing(ask: Ask, workspace: Workspace) -> None:
    events = [
        an_incoming("e-1", params={"n": 1, "f": 1.5, "deep": [{"a": None}]}, ip="192.0.2.1", source="SDK"),
        an_incoming("e-2", person={"email": "Ann@Example.com"}),
        an_incoming("e-1", params={"n": 1, "f": 1.5, "deep": [{"a": None}]}, source="SDK"),
        an_incoming("e-1", params={"n": 2}),
        an_incoming("e-3", person={"customId": "C-1"}, direction="FOR_PROFILE", label="Sent"),
    ]
    first = await sent(ask, *events)
    assert statuses(first) == ["CREATED", "CREATED", "DUPLICATE", "CONFLICT", "CREATED"]
    assert first[0]["id"] == first[2]["id"] == first[3]["id"]
    assert (first[3]["code"], first[3]["field"]) == ("TAKEN", ["input", "events", "3", "uuid"])
    before = await profiles_of(workspace), await workspace.find("journal", {}, sort=[("_id", 1)])
    again = await sent(ask, *events)
    assert statuses(again) == ["DUPLICATE", "DUPLICATE", "DUPLICATE", "CONFLICT", "DUPLICATE"]
    assert (await profiles_of(workspace), await workspace.find("journal", {}, sort=[("_id", 1)])) == before


async def test_events_of_one_new_person_make_one_profile(ask: Ask, workspace: Workspace) -> None:
    results = await sent(
        ask,
        an_incoming("e-1", person={"uuid": "u-1"}),
        an_incoming("e-2", person={"uuid": "u-1", "email": "ann@example.com"}),
        an_incoming("e-3", person={"email": "ANN@example.com", "customId": "C-1"}),
        an_incoming("e-4", person={"firebaseId": "f-1", "customId": "C-1"}),
    )
    assert statuses(results) == ["CREATED"] * 4
    (profile,) = await profiles_of(workspace)
    identities = profile["identities"]
    assert (identities["email"], identities["customId"]) == ("ann@example.com", "C-1")
    assert [uuid["value"] for uuid in identities["uuids"]] == ["u-1"]
    assert [(known["value"], known["platform"]) for known in identities["firebaseIds"]] == [("f-1", None)]
    assert (profile["eventCount"], profile["recognized"]) == (4, True)
    (known,) = await sent(ask, an_incoming("e-5", person={"profileId": to_public("prf", profile["_id"])}))
    assert known["status"] == "CREATED"
    assert len(await profiles_of(workspace)) == 1


async def test_identifiers_of_two_profiles_are_refused(ask: Ask, workspace: Workspace) -> None:
    one = await a_profile(workspace, email="one@example.com")
    await a_profile(workspace, change=lambda edit: edit.set("customId", "two"))
    both = an_incoming(person={"email": "one@example.com", "customId": "two", "uuid": "u-9"})
    (result,) = await sent(ask, both)
    assert (result["status"], result["code"]) == ("REJECTED", "TAKEN")
    assert result["field"] == ["input", "events", "0", "person", "customId"]
    other_email = an_incoming("e-2", person={"uuid": "u-1", "email": "new@example.com"})
    assert statuses(await sent(ask, an_incoming(person={"email": "one@example.com", "uuid": "u-1"}), other_email)) == [
        "CREATED",
        "REJECTED",
    ]
    (later,) = await sent(ask, an_incoming("e-3", person={"email": "new@example.com"}))
    assert later["status"] == "CREATED"
    found = await workspace.find_one("profiles", {"_id": one["_id"]})
    assert found["identities"]["email"] == "one@example.com"
    assert len(await profiles_of(workspace)) == 3


async def test_a_refused_event_lends_its_identifiers_to_no_other(ask: Ask, workspace: Workspace) -> None:
    """The second event comes with the first one's new email, which the first did not get to keep."""
    await a_profile(workspace, email="one@example.com", change=lambda edit: edit.set("customId", "C-1"))
    results = await sent(
        ask,
        an_incoming("e-1", person={"customId": "C-1", "email": "new@example.com"}),
        an_incoming("e-2", person={"email": "new@example.com"}),
    )
    assert statuses(results) == ["REJECTED", "CREATED"]
    assert [profile["identities"]["email"] for profile in await profiles_of(workspace)] == [
        "one@example.com",
        "new@example.com",
    ]


async def test_two_requests_at_once_make_one_profile(ask: Ask, workspace: Workspace) -> None:
    person = {"uuid": "u-1", "email": "ann@example.com"}
    batches = [[an_incoming(f"e-{batch}-{n}", person=person) for n in range(5)] for batch in range(4)]
    shared = an_incoming("shared", person=person)
    answers = await asyncio.gather(*(sent(ask, *events, shared) for events in batches))
    assert all(statuses(results[:5]) == ["CREATED"] * 5 for results in answers)
    assert sorted(results[5]["status"] for results in answers) == ["CREATED", *["DUPLICATE"] * 3]
    (profile,) = await profiles_of(workspace)
    assert profile["eventCount"] == 21
    entries = await workspace.find("journal", {}, sort=[("seq", 1)])
    assert [entry["seq"] for entry in entries] == list(range(1, profile["seq"] + 1))


async def test_the_same_event_of_another_person_is_a_conflict(ask: Ask, workspace: Workspace) -> None:
    results = await sent(
        ask, an_incoming("e-1", person={"uuid": "u-1"}), an_incoming("e-1", person={"uuid": "u-2"}), an_incoming("e-2")
    )
    assert statuses(results) == ["CREATED", "CONFLICT", "CREATED"]
    moved = an_incoming("e-1", person={"uuid": "u-3"}, occurredAt="2026-01-01T11:00:00Z")
    assert statuses(await sent(ask, moved)) == ["CONFLICT"]
    assert len(await workspace.find("journal", {"kind": "EVENT"})) == 2
    assert len(await workspace.find("profiles", {})) == 1  # nobody was made for an event that was not written
    other = await a_profile(workspace)
    assert codes(await adding(ask, other, "a", uuid="e-1")) == [("TAKEN", ["input", "uuid"])]


DEEP: Any = {"a": {"b": {"c": {"d": {"e": {}}}}}}
BAD: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"uuid": ""}, "BLANK", ["uuid"]),
    ({"uuid": "x" * 201}, "TOO_LONG", ["uuid"]),
    ({"uuid": "a\u00adb"}, "FORBIDDEN_CHARACTER", ["uuid"]),
    ({"action": "a\nb"}, "FORBIDDEN_CHARACTER", ["action"]),
    ({"action": " "}, "BLANK", ["action"]),
    ({"label": "x" * 1001}, "TOO_LONG", ["label"]),
    ({"ip": "300.1.1.1"}, "INVALID_VALUE", ["ip"]),
    ({"source": "x" * 201}, "TOO_LONG", ["source"]),
    ({"params": [1]}, "WRONG_TYPE", ["params"]),
    ({"params": DEEP}, "TOO_MANY", ["params", "a", "b", "c", "d", "e"]),
    ({"params": {str(n): n for n in range(101)}}, "TOO_MANY", ["params"]),
    ({"params": {"text": "x" * 33_000}}, "TOO_LONG", ["params"]),
    ({"params": {"n": 2**63}}, "INVALID_VALUE", ["params", "n"]),
    ({"params": {"list": [float("inf")]}}, "INVALID_VALUE", ["params", "list", "0"]),
    ({"params": {"$set": 1}}, "FORBIDDEN_CHARACTER", ["params"]),
    ({"params": {"a\0": 1}}, "FORBIDDEN_CHARACTER", ["params"]),
    ({"person": {}}, "BLANK", ["person"]),
    ({"person": {"uuid": "u\u2028"}}, "FORBIDDEN_CHARACTER", ["person", "uuid"]),
    ({"person": {"customId": "\U0001f600"}}, "FORBIDDEN_CHARACTER", ["person", "customId"]),
    ({"person": {"firebaseId": "f\r"}}, "FORBIDDEN_CHARACTER", ["person", "firebaseId"]),
    ({"person": {"email": "nobody"}}, "INVALID_VALUE", ["person", "email"]),
    ({"person": {"profileId": "prf_" + "0" * 32}}, "NOT_FOUND", ["person", "profileId"]),
    ({"person": {"profileId": "x"}}, "NOT_FOUND", ["person", "profileId"]),
    ({"person": {"profileId": "prf_" + "0" * 32, "uuid": "u"}}, "INVALID_VALUE", ["person"]),
]


async def test_what_is_wrong_with_an_event_is_told_and_the_others_are_kept(ask: Ask, workspace: Workspace) -> None:
    """Each bad event stands between good ones (R15, R17)."""
    events = [an_incoming(f"bad-{n}") | bad for n, (bad, _, _) in enumerate(BAD)]
    results = await sent(ask, an_incoming("first"), *events, an_incoming("last"))
    assert [results[0]["status"], results[-1]["status"]] == ["CREATED", "CREATED"]
    told = [(result["status"], result["code"], result["field"]) for result in results[1:-1]]
    assert told == [
        ("REJECTED", code, ["input", "events", str(place), *field]) for place, (_, code, field) in enumerate(BAD, 1)
    ]
    assert results[3]["message"] == "The character U+00AD at position 1 is not allowed here."
    (profile,) = await profiles_of(workspace)
    assert profile["eventCount"] == 2


async def test_profiles_of_other_workspaces_are_not_there(ask: Ask, workspace: Workspace) -> None:
    stranger = Workspace(workspace.database, f"{workspace.id}-other")
    profile = await a_profile(stranger, email="ann@example.com")
    by_id, by_email = await sent(
        ask,
        an_incoming("e-1", person={"profileId": to_public("prf", profile["_id"])}),
        an_incoming("e-2", person={"email": "ann@example.com"}),
    )
    assert (by_id["code"], by_email["status"]) == ("NOT_FOUND", "CREATED")
    assert await profiles_of(stranger) == [profile]


async def test_an_idempotency_key_gets_the_first_answer(ask: Ask) -> None:
    first = await sent(ask, an_incoming(), idempotencyKey="k")
    assert await sent(ask, an_incoming(), idempotencyKey="k") == first
    given = {"events": [an_incoming("e-2")], "idempotencyKey": "k"}
    other = await mutate(ask, "eventsCreate", given, selecting=RESULTS)
    assert refusals(other) == [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]
    for given, code, field in (
        ({"events": [an_incoming()] * 501}, "TOO_MANY", ["input", "events"]),
        ({"events": [an_incoming("e-2")], "expectedVersion": 1}, "INVALID_VALUE", ["options", "expectedVersion"]),
    ):
        refused = await mutate(ask, "eventsCreate", given, selecting=RESULTS)
        assert (refused["results"], refusals(refused)) == ([], [(code, field)])


@pytest.mark.parametrize(
    ("mutation", "given", "scope"),
    [
        ("eventsCreate", {"events": []}, Scope.EVENTS_WRITE),
        ("eventCreate", {"profileId": "x", "action": "a"}, Scope.PROFILES_WRITE),
        ("eventDefinitionCreate", {"name": "a", "displayName": "A"}, Scope.DEFINITIONS_WRITE),
        ("eventDefinitionUpdate", {"id": "x", "displayName": "A"}, Scope.DEFINITIONS_WRITE),
        ("eventDefinitionDelete", {"id": "x"}, Scope.DEFINITIONS_WRITE),
    ],
)
async def test_each_needs_its_scope(ask: Ask, mutation: str, given: dict[str, Any], scope: Scope) -> None:
    query, arguments = document(mutation, "__typename"), arguments_of(mutation, given)
    (error,) = await ask(query, scopes=frozenset(Scope) - {scope}, failing=True, **arguments)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": scope.value}
