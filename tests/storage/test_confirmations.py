"""Confirmation links where two processes make one at once."""

import asyncio
from datetime import timedelta

from storage.confirmations import Confirmation, LinkState, replace_confirmation, state_of
from storage.profiles import AgreementStatus, Channel
from storage.store.mongo import Session
from storage.store.workspace import Workspace
from storage.write.edits import begin
from storage.write.working_copy import Edit
from tests.support.factories import CREATED, a_profile


async def test_of_links_that_are_made_at_once_one_is_left(workspace: Workspace) -> None:  # R26
    def wait(edit: Edit) -> None:
        edit.set_agreement(Channel.EMAIL, AgreementStatus.CONFIRMATION, source="API")

    profile = await a_profile(workspace, email="a@example.com", change=wait)
    tries: list[Session] = []
    both = asyncio.Event()

    async def body(session: Session) -> Confirmation:
        edits = await begin(workspace, {profile["_id"]: None}, session)
        tries.append(session)
        if len(tries) >= 2:
            both.set()
        await both.wait()
        seq, expires_at = edits[profile["_id"]].before["seq"], CREATED + timedelta(days=9000)
        return await replace_confirmation(workspace, profile["_id"], seq=seq, expires_at=expires_at, session=session)

    # Without the lock by which edits of one process queue up.
    links = await asyncio.gather(*(workspace.database.transaction(body) for _ in range(2)))
    assert len(tries) > 2
    (left,) = await workspace.find("confirmations", {})
    assert left["nonce"] in {link["nonce"] for link in links}
    for link in links:
        state = await state_of(workspace, left, link["nonce"], profile)
        assert state is (LinkState.WAITING if link["nonce"] == left["nonce"] else LinkState.VOID)
