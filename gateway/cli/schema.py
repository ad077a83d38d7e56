"""`profile-gateway schema`: the schema as text, without any server."""

import typer

from schema import schema

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(name="schema", epilog="Example: profile-gateway schema > schema.graphql")
def main() -> None:
    """Print the GraphQL schema (SDL)."""
    typer.echo(schema.as_str())
