"""Imports that are asked for by the API: a job is queued, or taken back."""

from collections.abc import Mapping, Sequence

from resolvers.context import Context
from resolvers.imports.content import checked_columns, count_rows
from resolvers.jobs import shown_job
from resolvers.mutations import (
    Options,
    PayloadDoc,
    actor_of,
    change_workspace,
    create_in_workspace,
    existing,
    refusable,
)
from storage.imports import ImportFormat, ImportInput, no_result
from storage.jobs import NOUN, JobKind, cancel_job, create_job, jobs_by_id, new_job
from storage.store.hints import JOBS, job_channel
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document, Session


@refusable
async def create_import(
    context: Context,
    options: Options,
    *,
    format: ImportFormat,
    content: str,
    columns: Sequence[Mapping[str, str]],
) -> PayloadDoc:
    """Queue an import of profiles; what can't be read as a whole is refused, and rows are told of in the job."""
    actor = actor_of(context, options)
    input: ImportInput = {"format": format, "columns": checked_columns(columns), "region": context.phone_region}
    total = await count_rows(content, format, input["columns"])

    async def body(session: Session) -> Document:
        job = new_job(
            context.workspace,
            JobKind.IMPORT,
            actor=actor.document(),
            total=total,
            input=input,
            result=no_result(),
            now=whole_milliseconds(context.now),
        )
        await create_job(context.workspace, job, content, session=session)
        return {"import": shown_job(job)}

    return await told(context, options, JOBS, await create_in_workspace(context, options, body))


async def cancel_import(context: Context, options: Options, import_id: str) -> PayloadDoc:
    """Stop an import: rows that are done stay done, and one that is finished stays as it is."""

    async def body(session: Session) -> Document:
        found = await existing(context, options, NOUN, import_id, session)
        await cancel_job(context.workspace, found["_id"], now=whole_milliseconds(context.now), session=session)
        (job,) = await jobs_by_id(context.workspace, [found["_id"]], session=session)
        return {"import": shown_job(job)}

    made = await change_workspace(context, options, body)
    channel = job_channel(made["import"]["_id"]) if made.get("import") else ""
    return await told(context, options, channel, made)


async def told(context: Context, options: Options, channel: str, made: PayloadDoc) -> PayloadDoc:
    """Return a payload, after those who wait for what it tells of got a hint."""
    if context.bus is not None and made.get("import") and not options.dry_run:
        await context.bus.hint({channel: ""})
    return made
