"""Confirmation links, as a person and a link scanner meet them."""

import asyncio
import re
import stat
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from pydantic import SecretStr
from structlog.testing import capture_logs

from gateway.embedded.data_dir import signing_secret
from gateway.settings import Settings
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.asking import asking
from tests.support.edge import Configured, RunningServer, serving
from tests.support.factories import TESTER, a_profile

SECRET = "a secret that signs the links of these tests"
SET = """mutation ($id: ID!) { profileAgreementsSet(id: $id, input: {
  agreements: [{channel: EMAIL, status: CONFIRMATION}]}) { confirmationUrl } }"""


@pytest.fixture(scope="module")
async def signing(edge_settings: Settings) -> AsyncIterator[RunningServer]:
    """Serve with a secret."""
    changes = {"signing_secret": SecretStr(SECRET), "mongodb_database": "test_confirmations"}
    async with serving(edge_settings.model_copy(update=changes)) as running:
        yield running


@pytest.fixture
async def browser(signing: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client without a credential."""
    async with signing.client(headers={}) as client:
        yield client


@pytest.fixture
def demo(signing: RunningServer) -> Workspace:
    return Workspace(signing.state.database, "demo")


@pytest.fixture
async def ann(demo: Workspace) -> AsyncIterator[ProfileDoc]:
    profile = await a_profile(demo, email="ann@example.com", firstName="Ann")
    yield profile
    await demo.database.delete("identifiers", {"profile": profile["_id"]})


async def a_link(signing: RunningServer, demo: Workspace, profile: ProfileDoc) -> str:
    """Return the path of a new link."""
    asked = await asking(demo)(SET, id=to_public("prf", profile["_id"]), links=signing.state.links)
    url: str = asked["profileAgreementsSet"]["confirmationUrl"]
    return url


async def stored(demo: Workspace, profile: ProfileDoc) -> ProfileDoc:
    (found,) = await demo.find("profiles", {"_id": profile["_id"]})
    return found


async def status(demo: Workspace, profile: ProfileDoc) -> str:
    (agreement,) = (await stored(demo, profile))["agreements"]
    return str(agreement["status"])


async def change(demo: Workspace, profile: ProfileDoc, how: Any) -> None:
    assert await edit(demo, profile["_id"], how, actor=TESTER) is not None


def heading(response: httpx.Response) -> str:
    (found,) = re.findall(r"<h1>(.*?)</h1>", response.text)
    return str(found)


def void(response: httpx.Response) -> bool:
    return (response.status_code, heading(response)) == (410, "This link is no longer valid")


async def test_only_the_button_confirms(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    path = await a_link(signing, demo, ann)
    assert path.startswith("/confirm/")
    before = await stored(demo, ann)
    for method in ("GET", "HEAD", "GET"):
        response = await browser.request(method, path)
        assert response.status_code == 200
    assert heading(response) == "Confirm your subscription"
    assert '<form method="post"><button type="submit">' in response.text
    assert await stored(demo, ann) == before

    response = await browser.post(path)
    assert (response.status_code, heading(response)) == (200, "Thank you")
    after = await stored(demo, ann)
    (agreement,) = after["agreements"]
    assert (agreement["status"], agreement["source"]) == ("ENABLED", "LINK")
    (entry,) = await demo.find("journal", {"profile": ann["_id"], "seq": after["seq"]})
    assert entry["actor"] == {"kind": "LINK", "id": "confirmation", "name": "Confirmation link"}
    assert (entry["source"], entry["action"]) == ("LINK", "agreement.change")

    for method in ("POST", "GET"):
        response = await browser.request(method, path)
        assert (response.status_code, heading(response)) == (200, "Already confirmed")
        assert "<form" not in response.text
    assert await stored(demo, ann) == after


async def test_two_presses_at_once_are_one(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    path = await a_link(signing, demo, ann)
    seq = (await stored(demo, ann))["seq"]
    answers = await asyncio.gather(*(browser.post(path) for _ in range(4)))
    assert sorted(heading(answer) for answer in answers) == ["Already confirmed"] * 3 + ["Thank you"]
    assert (await stored(demo, ann))["seq"] == seq + 1


async def test_a_link_counts_once(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    used = await a_link(signing, demo, ann)
    await browser.post(used)
    unused = await a_link(signing, demo, ann)  # the agreement waits again, and only for this link
    for method in ("GET", "POST"):
        assert void(await browser.request(method, used))
    assert await status(demo, ann) == "CONFIRMATION"
    assert heading(await browser.post(unused)) == "Thank you"


async def test_a_new_link_voids_the_earlier_ones(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    first, second = await a_link(signing, demo, ann), await a_link(signing, demo, ann)

    def withdraw(working: Edit) -> None:
        working.set_agreement(Channel.EMAIL, AgreementStatus.DISABLED, source="API")

    await change(demo, ann, withdraw)
    newest = await a_link(signing, demo, ann)  # the agreement waits again, for the same address
    for path in (first, second):
        for method in ("GET", "POST"):
            assert void(await browser.request(method, path))
    assert await status(demo, ann) == "CONFIRMATION"
    assert heading(await browser.post(newest)) == "Thank you"
    assert void(await browser.get(first))


async def test_links_made_at_once_leave_one_that_counts(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    paths = await asyncio.gather(*(a_link(signing, demo, ann) for _ in range(4)))
    headings = [heading(await browser.get(path)) for path in paths]
    assert sorted(headings) == ["Confirm your subscription"] + ["This link is no longer valid"] * 3


async def test_what_was_withdrawn_meanwhile_stays_so(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    path = await a_link(signing, demo, ann)

    def withdraw(working: Edit) -> None:
        working.set_agreement(Channel.EMAIL, AgreementStatus.DISABLED, source="API")

    await change(demo, ann, withdraw)
    for method in ("GET", "POST"):
        assert void(await browser.request(method, path))
    assert await status(demo, ann) == "DISABLED"


@pytest.mark.parametrize("email", ["ann@example.org", None])
async def test_another_address_voids_the_link(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc, email: str | None
) -> None:  # R26
    path = await a_link(signing, demo, ann)
    await change(demo, ann, lambda working: working.set("email", email))
    for method in ("GET", "POST"):
        assert void(await browser.request(method, path))
    await change(demo, ann, lambda working: working.set("email", "ann@example.com"))
    for method in ("GET", "POST"):
        assert void(await browser.request(method, path))
    assert await status(demo, ann) == "CONFIRMATION"


async def test_a_profile_that_is_gone(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    path = await a_link(signing, demo, ann)
    await demo.database.delete("profiles", {"_id": ann["_id"]})
    for method in ("GET", "POST"):
        assert void(await browser.request(method, path))
    await demo.database.delete("confirmations", {"profile": ann["_id"]})
    for method in ("GET", "POST"):
        assert void(await browser.request(method, path))


class Earlier(TimestampSigner):
    """Signs as it would have eight days ago."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - 8 * 86_400


async def test_an_expired_link(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    path = await a_link(signing, demo, ann)
    assert signing.state.links is not None
    content = signing.state.links.read(path.removeprefix("/confirm/"))
    assert isinstance(content, tuple)
    workspace, id, nonce = content
    aged = URLSafeTimedSerializer(SECRET, salt="confirmation link", signer=Earlier)
    old = f"/confirm/{aged.dumps([workspace, id.hex(), nonce.hex()])}"
    for method in ("GET", "POST"):
        assert void(await browser.request(method, old))
    assert await status(demo, ann) == "CONFIRMATION"
    assert heading(await browser.post(path)) == "Thank you"


async def test_nobody_can_make_up_a_link(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    path = await a_link(signing, demo, ann)
    (link,) = await demo.find("confirmations", {"profile": ann["_id"]})
    content = [demo.id, link["_id"].hex(), link["nonce"].hex()]
    forged = URLSafeTimedSerializer("another secret", salt="confirmation link").dumps(content)
    for token in (forged, path.removeprefix("/confirm/")[:-1], "x", "%C3%A9.%00.x", "a.b.c"):
        for method in ("GET", "POST"):
            response = await browser.request(method, f"/confirm/{token}")
            assert (response.status_code, heading(response)) == (404, "This is no confirmation link")
    assert await status(demo, ann) == "CONFIRMATION"


async def test_the_page_needs_no_script_and_tells_nothing(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:  # R26
    path = await a_link(signing, demo, ann)
    pages = [await browser.get(path), await browser.post(path), await browser.post(path), await browser.get(path + "x")]
    for page in pages:
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "<script" not in page.text
        assert not re.search("ann|example|demo", page.text, re.IGNORECASE)
        (style,) = re.findall(r"<style>(.*?)</style>", page.text)
        allowed = f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
        policy = page.headers["content-security-policy"].split("; ")
        assert policy == [
            "default-src 'none'",
            allowed,
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    assert (await browser.put(path)).status_code == 405


async def test_logs_do_not_hold_the_token(
    signing: RunningServer, demo: Workspace, browser: httpx.AsyncClient, ann: ProfileDoc
) -> None:
    path = await a_link(signing, demo, ann)
    with capture_logs() as logs:
        await browser.get(path)
    assert [log["path"] for log in logs if log["event"] == "request"] == ["/confirm/..."]
    assert path.removeprefix("/confirm/") not in repr(logs)


async def test_without_a_secret_no_link_is_one(server: RunningServer) -> None:
    async with server.client(headers={}) as client:
        response = await client.post("/confirm/anything")
    assert response.status_code == 404


async def test_links_begin_with_the_public_address(configured: Configured) -> None:
    changes = {"signing_secret": SecretStr(SECRET), "public_url": "https://crm.example/"}
    async with configured(**changes) as server:
        demo = Workspace(server.state.database, "demo")
        url = await a_link(server, demo, await a_profile(demo, email="ann@example.com"))
    assert url.startswith("https://crm.example/confirm/")


def test_a_secret_is_long() -> None:
    with pytest.raises(ValueError, match="at least 32") as refused:
        Settings(signing_secret=SecretStr("a short secret"))
    assert "a short secret" not in str(refused.value)


def test_run_keeps_a_secret_for_its_owner(tmp_path: Path) -> None:
    secret = signing_secret(tmp_path)
    assert len(secret) >= 32
    assert signing_secret(tmp_path) == secret
    assert stat.S_IMODE((tmp_path / "signing-secret").stat().st_mode) == 0o600
