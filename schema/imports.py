"""Imports: profiles from CSV or NDJSON, as jobs."""

from typing import Annotated

import strawberry

from resolvers.context import Context
from resolvers.imports import asking as resolve
from resolvers.mutations import Options
from schema.enums import described
from schema.jobs import Job
from schema.mutations import Answer, Payload, mutation
from schema.nodes import NodeDocument
from storage import imports as stored
from storage.credentials import Scope
from storage.store.refusals import UserErrorCode

described(
    stored.ImportFormat,
    "How the content of an import is written",
    CSV="Comma-separated values, whose first line names the columns",
    NDJSON="JSON object a line",
)


@strawberry.type(description="What was wrong with a row, or left out of it; never the value")
class ImportProblem:
    line: int = strawberry.field(description="Line of the content that the row ends at, from 1")
    code: UserErrorCode = strawberry.field(description="Kind of the problem, for programs")
    field: list[str] = strawberry.field(description="Path of the field; empty where it is the whole row")
    message: str = strawberry.field(description="Explanation for people")


@strawberry.type(description="Import of profiles: a row updates its profile or creates it, or is skipped as a whole")
class Import(NodeDocument, Job):
    created: int = strawberry.field(description="Number of rows that created a profile")
    updated: int = strawberry.field(description="Number of rows that changed a profile")
    unchanged: int = strawberry.field(description="Number of rows that said what was known")
    skipped: int = strawberry.field(description="Number of rows that were wrong, of which nothing was written")
    problems: list[ImportProblem] = strawberry.field(description="What was wrong with rows: the first 1,000 problems")
    more_problems: bool = strawberry.field(description="Indicates whether there were more problems than are listed")


@strawberry.input(description="Column of the content, and what it means")
class ImportColumnInput:
    column: str = strawberry.field(description="Name of the column, or of the key in NDJSON")
    field: str = strawberry.field(description="Field that it means, for example email, or the name of an attribute")


ImportId = Annotated[strawberry.ID, strawberry.argument(description="Id of the import")]


@strawberry.input(description="Profiles to import")
class ImportCreateInput:
    format: stored.ImportFormat = strawberry.field(description="How the content is written")
    content: str = strawberry.field(description="Rows: CSV whose first line names the columns, or an object a line")
    columns: list[ImportColumnInput] | None = strawberry.field(
        default=None, description="Columns that mean another field than that of their own name"
    )


@strawberry.type
class ImportPayload(Payload):
    import_: Import | None = strawberry.field(name="import", description="Import as it is now; null when refused")


@mutation(ImportPayload, Scope.PROFILES_WRITE, "Import profiles; the answer comes before the work, which is a job")
def import_create(context: Context, options: Options, input: ImportCreateInput) -> Answer:
    columns = [{"column": each.column, "field": each.field} for each in input.columns or ()]
    return resolve.create_import(context, options, format=input.format, content=input.content, columns=columns)


@mutation(ImportPayload, Scope.PROFILES_WRITE, "Cancel an import; what is done stays done, and a finished one stays")
def import_cancel(context: Context, options: Options, id: ImportId) -> Answer:
    return resolve.cancel_import(context, options, id)
