"""Verify what is stored, over a workspace or all of them, and put right what follows from the rest."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from storage.columns.rebuilding import rebuild
from storage.past.records import all_records, count_profiles, one_record
from storage.past.verification import Check, Finding, corrections, findings_of
from storage.profiles import profiles_by_id
from storage.store.mongo import Database, Session
from storage.store.workspace import Workspace
from storage.write.writing import repair_profile


@dataclass(frozen=True, slots=True)
class Verdict:
    """What does not agree about one profile, and the names of the derived parts that were put right."""

    workspace: str
    profile: bytes
    findings: list[Finding]
    repaired: list[str]


@dataclass(slots=True)
class Progress:
    """How far a verification is, and the verdicts on the profiles that are not in order."""

    total: int
    profiles: int = 0
    verdicts: list[Verdict] = field(default_factory=list)


async def verify(
    database: Database,
    workspace: str | None = None,
    *,
    repair: bool = False,
    report: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Verify the profiles of a workspace, or of all; with `repair` set the derived parts that are wrong.

    It may run while gateways serve: what looks wrong is looked at again in a transaction before it is told.
    """
    progress = Progress(await count_profiles(database, workspace))
    report(progress)
    async for records in all_records(database, workspace):
        for record in records:
            if findings_of(record):
                verdict = await judge(record.workspace, record.id, repair=repair)
                progress.verdicts += [verdict] if verdict.findings or verdict.repaired else []
        progress.profiles += sum(record.profile is not None for record in records)
        report(progress)
    return progress


async def judge(workspace: Workspace, profile: bytes, *, repair: bool) -> Verdict:
    """Return the verdict on a profile as it is at one moment; what is repaired is not among its findings.

    Columns are made anew from the journal where they are repaired.
    """
    verdict = await looked_at(workspace, profile, repair=repair)
    if not repair or not any(finding.check is Check.COLUMNS for finding in verdict.findings):
        return verdict
    (found,) = await profiles_by_id(workspace, [profile])
    await rebuild(workspace, profile, found["seq"])
    again = await looked_at(workspace, profile, repair=False)
    is_left = any(finding.check is Check.COLUMNS for finding in again.findings)
    return replace(again, repaired=[*verdict.repaired, *(() if is_left else ("columns",))])


async def looked_at(workspace: Workspace, profile: bytes, *, repair: bool) -> Verdict:
    """Return the verdict, with repairs of the profile itself, which are of the same moment."""

    async def body(session: Session) -> Verdict:
        record = await one_record(workspace, profile, session=session)
        findings = findings_of(record) if record else []
        right = corrections(record) if record and repair else {}
        if record and record.profile and right:
            await repair_profile(workspace, record.profile, right, session=session)
            findings = findings_of(replace(record, profile={**record.profile, **right}))  # type: ignore[arg-type]  # the same keys
        return Verdict(workspace.id, profile, findings, sorted(right))

    return await workspace.database.transaction(body)
