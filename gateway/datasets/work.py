"""What the shop's people did about a customer, as the edits in which they did it: one of each colleague."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.datasets.corrections import Correction, corrections
from gateway.datasets.dataset import Turn
from gateway.datasets.follow_ups import FollowUp, follow_ups
from gateway.datasets.remarks import Remark, remarks
from gateway.datasets.story import Story
from gateway.datasets.team import Colleague, salesperson
from storage import notes, tasks
from storage.sources import ChangeSource
from storage.write.working_copy import Edit


@dataclass(slots=True)
class Work:
    """What one colleague did about a customer; `made_vip_at` is when the tag was given, if it was."""

    author: Colleague
    remarks: list[Remark] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    made_vip_at: datetime | None = None

    def apply(self, working: Edit) -> None:
        """Write it all down in one edit."""
        author = self.author.actor().document()
        for correction in self.corrections:
            correction.apply(working)
        for remark in self.remarks:
            note = notes.new_note(working.profile, title=remark.title, text=remark.text, author=author, at=remark.at)
            working.put(notes.NOUN, None, note)
        for follow_up in self.follow_ups:
            working.put(tasks.NOUN, None, follow_up.task(working.profile, author))
        if self.made_vip_at is not None:
            working.add_tag("vip", source=ChangeSource.CARD, at=self.made_vip_at)


def work_of(told: Story, *, is_vip: bool) -> Iterator[Turn]:
    """Yield the edit of each colleague who did something about a customer; nobody knows the anonymous ones."""
    if told.person is None:
        return
    subject, clock = told.subject, told.clock
    work: dict[Colleague, Work] = {}
    found: Sequence[Remark | FollowUp | Correction] = (
        *corrections(subject, told.person, clock, since=told.since, until=told.until),
        *remarks(subject, told.happened, clock),
        *follow_ups(subject, told.happened, clock),
    )
    for each in found:
        of_author = work.setdefault(each.author, Work(each.author))
        match each:
            case Remark():
                of_author.remarks.append(each)
            case FollowUp():
                of_author.follow_ups.append(each)
            case Correction():
                of_author.corrections.append(each)
    if is_vip:
        work.setdefault(salesperson(subject), Work(salesperson(subject))).made_vip_at = told.until
    for done in work.values():
        yield Turn(done.author.actor(), done.apply)
