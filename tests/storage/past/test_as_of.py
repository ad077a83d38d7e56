"""A profile as of a moment equals the copy that was kept at that moment, whatever was edited since."""

import asyncio
import uuid as uuids
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.past.as_of import profile_as_of
from storage.profiles import AgreementStatus, Channel, FirebaseId, FormFactor, Platform, ProfileDoc, Uuid
from storage.sources import ChangeSource
from storage.store.ids import time_id, whole_milliseconds
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.factories import CREATED, EVE, TESTER, add_note, an_event

Operation = Callable[[Edit], object]

MILLISECOND = timedelta(milliseconds=1)
# Names with dots and names of other parts must not be taken for anything else.
NAMES = st.sampled_from(["city", "a.b", "tags.vip", "email", ".", "é💡"])
SMALL = st.sampled_from(["1", "2", "3"])
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(whole_milliseconds)  # noqa: DTZ001 - hypothesis wants them naive
SCALARS = st.text(max_size=5) | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.booleans()
VALUES = SCALARS | MOMENTS | st.none() | st.lists(SCALARS, max_size=3)


def uuid_of(value: str, platform: Platform | None) -> Uuid:
    return {"value": f"u{value}", **kind_of(platform)}  # type: ignore[typeddict-item]


def firebase_of(value: str, platform: Platform | None) -> FirebaseId:
    return {"value": f"f{value}", "uuid": None, **kind_of(platform)}  # type: ignore[typeddict-item]


def kind_of(platform: Platform | None) -> dict[str, Any]:
    form = FormFactor.TABLET if platform is Platform.IOS else None
    return {"platform": platform, "formFactor": form, "firstSeenAt": CREATED, "lastSeenAt": CREATED}


def operations() -> st.SearchStrategy[Operation]:
    """Return a strategy of steps of an edit, of every kind there is."""
    platforms = st.sampled_from([Platform.IOS, Platform.ANDROID, None])
    values = SMALL | st.none()
    sources = st.sampled_from(ChangeSource)
    return st.one_of(
        st.builds(lambda n, v: lambda it: it.set_attribute(n, v, source=ChangeSource.API), NAMES, VALUES),
        st.builds(lambda v: lambda it: it.set_attribute("firstName", v, source=ChangeSource.API), values),
        st.builds(lambda n: lambda it: it.unset_attribute(n), NAMES | st.just("firstName")),
        st.builds(lambda n, s: lambda it: it.add_tag(n, source=s), NAMES, sources),
        st.builds(lambda n: lambda it: it.remove_tag(n), NAMES),
        st.builds(
            lambda c, s: lambda it: it.set_agreement(c, s, source="API"),
            st.sampled_from(Channel),
            st.sampled_from(AgreementStatus),
        ),
        st.builds(lambda v: lambda it: it.set("email", v and f"{v}@example.com"), values),
        st.builds(lambda v: lambda it: it.set("phone", v), values),
        st.builds(lambda v: lambda it: it.set("customId", v), values),
        st.builds(lambda v: lambda it: it.set("description", v), values),
        st.builds(
            lambda at: (
                lambda it: it.set("geo", at and {"latitude": 1.5, "longitude": 2.5, "measuredAt": at, "source": "SDK"})
            ),
            MOMENTS | st.none(),
        ),
        st.builds(lambda v, p: lambda it: it.add_uuid(uuid_of(v, p)), SMALL, platforms),
        st.builds(lambda v, p: lambda it: it.add_firebase_id(firebase_of(v, p)), SMALL, platforms),
        st.builds(lambda v: lambda it: it.remove_firebase_id(f"f{v}"), SMALL),
        st.builds(lambda v, at: lambda it: it.add_event(an_event(uuid=v, at=at)), SMALL, MOMENTS),
        st.builds(lambda v: lambda it: add_note(it, v, v, author={**EVE, "onBehalfOf": v}, at=it.now), SMALL),
    )


def editable(profile: ProfileDoc) -> dict[str, Any]:
    """Return what can be edited and what follows from it, the parts by name."""
    identities = profile["identities"]
    return {
        **{key: profile[key] for key in ("description", "geo", "version", "displayName", "recognized", "search")},
        **{key: identities[key] for key in ("email", "phone", "customId")},
        "uuids": {uuid["value"]: (uuid["platform"], uuid["formFactor"]) for uuid in identities["uuids"]},
        "firebaseIds": {
            known["value"]: (known["platform"], known["formFactor"]) for known in identities["firebaseIds"]
        },
        "attributes": {item["name"]: item for item in profile["attributes"]},
        "tags": {item["name"]: item for item in profile["tags"]},
        "agreements": {item["channel"]: item for item in profile["agreements"]},
    }


async def kept_copies(
    workspace: Workspace, edits: list[list[Operation]]
) -> tuple[list[tuple[datetime, dict[str, Any]]], list[ProfileDoc]]:
    """Make a profile by these edits; return its copy after each with its time, and each of its stored forms."""
    profile = time_id(CREATED)
    copies, stored = [], []
    for steps in edits:
        times: list[datetime] = []

        def change(working: Edit, steps: list[Operation] = steps, times: list[datetime] = times) -> None:
            times.append(working.now)
            for step in steps:
                step(working)

        outcome = await edit(workspace, profile, change, actor=TESTER, created_at=CREATED)
        assert outcome is not None
        copies.append((times[-1], editable(outcome["profile"])))
        stored.append(await workspace.find_one("profiles", {"_id": profile}))
        await asyncio.sleep(0.002)  # so that the next edit has a millisecond of its own
    return copies, stored


@settings(max_examples=25)
@given(edits=st.lists(st.lists(operations(), max_size=4), min_size=1, max_size=8))
async def test_as_of_equals_the_copy_kept_then(shared_database: Database, edits: list[list[Operation]]) -> None:  # X3
    workspace = Workspace(shared_database, f"as-of-{uuids.uuid4().hex}")
    copies, stored = await kept_copies(workspace, edits)
    now, began = stored[-1], copies[0][0]
    assert await profile_as_of(workspace, now, began - MILLISECOND) is None
    ends = [at for at, _ in copies[1:]] + [datetime.now(UTC) + timedelta(days=1)]
    for (at, copy), end in zip(copies, ends, strict=True):
        for moment in (at, end - timedelta(microseconds=1)):
            then = await profile_as_of(workspace, now, moment)
            assert then is not None
            assert editable(then) == copy


async def test_edits_after_the_profile_was_read_do_not_show(shared_database: Database) -> None:
    """The profile and the journal are read one after the other; what is written in between is no part of the answer."""
    workspace = Workspace(shared_database, f"as-of-{uuids.uuid4().hex}")
    described = [[lambda it, text=text: it.set("description", text)] for text in "abc"]
    copies, stored = await kept_copies(workspace, described)  # type: ignore[arg-type]
    then = await profile_as_of(workspace, stored[1], copies[0][0])
    assert then is not None
    assert editable(then) == copies[0][1]
    assert editable((await profile_as_of(workspace, stored[1], copies[1][0])) or stored[0]) == copies[1][1]


async def test_the_profile_that_was_read_stays_as_it_is(shared_database: Database) -> None:
    workspace = Workspace(shared_database, f"as-of-{uuids.uuid4().hex}")
    tagged = [[lambda it, name=name: it.add_tag(name, source=ChangeSource.API)] for name in "ab"]
    copies, stored = await kept_copies(workspace, tagged)  # type: ignore[arg-type]
    before = editable(stored[1])
    assert await profile_as_of(workspace, stored[1], copies[0][0]) != stored[1]
    assert editable(stored[1]) == before
