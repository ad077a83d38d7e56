"""Uses the client that ariadne-codegen writes: reads, changes and follows PROFILE of the gateway at URL with KEY."""

import asyncio
import os

from ariadne_client import (
    ActivityFilter,
    AttributeInput,
    AttributeNewValue,
    Client,
    ProfileBy,
    ProfileUpdateInput,
    TimelineKind,
    WriteOptions,
)

URL, KEY, PROFILE, NOTE = (os.environ[name] for name in ("URL", "KEY", "PROFILE", "NOTE"))


async def main() -> None:
    authorization = {"Authorization": f"Bearer {KEY}"}
    socket = URL.replace("http", "ws", 1)
    async with Client(URL, authorization, ws_url=socket, ws_connection_init_payload=authorization) as client:
        await read(client)
        await change(client)
        await follow(client)


async def read(client: Client) -> None:
    profile = (await client.card(by=ProfileBy(id=PROFILE))).profile
    assert profile.personal.first_name == "Ann"
    assert {attribute.value.typename__ for attribute in profile.attributes if attribute.value} >= {"StringValue"}
    told = {edge.node.typename__: edge.node for edge in profile.timeline.edges}
    assert told["NoteChange"].note_after.title == "Note"
    assert told["NoteChange"].actor.name == "Test"
    assert told["Event"].action == "page.visit"
    things = await client.things(id=NOTE, ids=[PROFILE, "nte_" + "0" * 32])
    assert (things.node.typename__, things.node.title) == ("Note", "Note")
    assert [each and each.id for each in things.nodes] == [PROFILE, None]


async def change(client: Client) -> None:
    options = WriteOptions(dryRun=True, expectedVersion=1)
    refused = (await client.change(PROFILE, ProfileUpdateInput(firstName="Eve"), options=options)).profile_update
    (error,) = refused.user_errors
    assert (error.typename__, error.field) == ("VersionConflict", ["options", "expectedVersion"])
    options = WriteOptions(dryRun=True, expectedVersion=error.current_version)
    changed = (await client.change(PROFILE, ProfileUpdateInput(firstName="Eve"), options=options)).profile_update
    assert (changed.user_errors, changed.profile.personal.first_name) == ([], "Eve")
    blue = [AttributeInput(name="shade", value=AttributeNewValue(string="blue"))]
    (entry,) = (await client.describe(PROFILE, blue)).profile_attributes_set.changes
    assert [(edit.before.string, edit.after.string) for edit in entry.edits] == [("red", "blue")]


async def follow(client: Client) -> None:
    async for data in client.present([PROFILE]):
        assert data.presence.profile.id == PROFILE
        break
    kinds = ActivityFilter(kinds=[TimelineKind.NOTE])
    start = (await client.card(by=ProfileBy(id=PROFILE))).profile.timeline.live_cursor
    feed = client.follow(PROFILE, filter_=kinds, after=start)
    waiting = asyncio.ensure_future(anext(feed))
    done, _ = await asyncio.wait([waiting], timeout=0.5)
    assert not done
    print("following", flush=True)  # noqa: T201 - the test writes a note now
    node = (await waiting).activity.node
    assert (node.typename__, node.became.value, node.note_after.title) == ("NoteChange", "CREATED", "Called")
    await feed.aclose()


asyncio.run(main())
