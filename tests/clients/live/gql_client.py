"""gql over graphql-transport-ws: the feed program of follow.mjs, in an environment that has gql and nothing of ours."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport

URL, KEY, PROFILE = os.environ["URL"], os.environ["KEY"], os.environ["PROFILE"]
PAUSE = 0.05
SHOWN = """query ($id: ID!) {
  profile(by: { id: $id }) { activity { liveCursor events(first: 100) { edges { node { params } } } } } }"""
ACTIVITY = """subscription ($id: ID!, $after: Cursor) {
  activity(profileId: $id, after: $after) { cursor node { ... on Event { params } } } }"""
CHANGED = "subscription ($id: ID!) { profileChanged(profileId: $id) { version changed profile { tags { name } } } }"


def tell(**seen: Any) -> None:
    print(json.dumps(seen), flush=True)  # noqa: T201 - this is how the test sees it


def connection() -> Client:
    transport = WebsocketsTransport(
        url=URL.replace("http", "ws", 1),
        init_payload={"Authorization": f"Bearer {KEY}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    return Client(transport=transport)


async def show() -> str:
    async with connection() as session:
        data = await session.execute(GraphQLRequest(SHOWN, variable_values={"id": PROFILE}))
    activity = data["profile"]["activity"]
    tell(shown=[edge["node"]["params"]["page"] for edge in reversed(activity["events"]["edges"])])
    return str(activity["liveCursor"])


async def keep(document: str, variables: dict[str, Any], see: Callable[[Any], None]) -> None:
    """Subscribe, and again whenever that ends, with the variables as they are by then."""
    while True:
        try:
            async with connection() as session:
                async for data in session.subscribe(GraphQLRequest(document, variable_values=variables)):
                    see(data)
            tell(ended="complete")
        except TransportError as error:
            tell(ended=str(error))
        await asyncio.sleep(PAUSE)


async def main() -> None:
    variables = {"id": PROFILE, "after": await show()}

    def see_entry(data: Any) -> None:
        variables["after"] = data["activity"]["cursor"]
        tell(page=data["activity"]["node"].get("params", {}).get("page"))

    def see_change(data: Any) -> None:
        changed = data["profileChanged"]
        tags = [tag["name"] for tag in changed["profile"]["tags"]]
        tell(version=changed["version"], changed=changed["changed"], tags=tags)

    feeds = [
        asyncio.create_task(keep(ACTIVITY, variables, see_entry)),
        asyncio.create_task(keep(CHANGED, {"id": PROFILE}, see_change)),
    ]
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == "leave":
            for feed in feeds:
                feed.cancel()
            await asyncio.wait(feeds)
        if line == "show":
            await show()


asyncio.run(main())
