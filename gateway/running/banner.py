"""The banner of `profile-gateway run`: its addresses and a first query to paste."""

import json
import shlex

from rich.console import Console

from gateway.settings import Settings

FIRST_QUERY = "{ profiles(first: 3) { edges { node { displayName tags { name } activity { lastActivityAt } } } } }"


def print_banner(console: Console, *, address: str, token: str, settings: Settings, store: str | None) -> None:
    console.print(f"\n[bold]Profile Gateway[/bold] serves the workspace {settings.workspace}.\n", highlight=False)
    lines = {"GraphQL": f"{address}/graphql"}
    if settings.graphiql:
        lines["GraphiQL"] = f"{address}/graphiql#key={token}"
    if store:
        lines["MongoDB"] = store
    lines |= {"Key": f"{token}  (kept in {settings.data_dir / 'dev-key'})", "Stop": "Ctrl-C"}
    for name, value in lines.items():
        console.print(f"  {name:<10}{value}", highlight=False, markup=False, soft_wrap=True)
    console.print("\nA first query, ready to paste:\n", highlight=False)
    # Not wrapped, so that no line break is copied with it.
    console.print(f"{curl(address, token)}\n", highlight=False, markup=False, soft_wrap=True)


def curl(address: str, token: str) -> str:
    headers = [f"Authorization: Bearer {token}", "Content-Type: application/json"]
    options = [word for header in headers for word in ("-H", header)]
    return shlex.join(["curl", "-s", f"{address}/graphql", *options, "-d", json.dumps({"query": FIRST_QUERY})])
