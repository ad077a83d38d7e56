"""The page of a confirmation link: only pressing its button confirms anything (R26).

Malware scanners open every link of an email, so a GET or HEAD confirms nothing. The page has no script and says
nothing about the person: whoever opens the link may be somebody else.
"""

import base64
from datetime import timedelta
from hashlib import sha256
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.settings import Settings
from gateway.state import State
from resolvers.confirmations import Links, confirm, look
from storage.confirmations import LinkState
from storage.store.errors import UnavailableError

STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;text-align:center;"
    "color:#1c1e21;background:#fff}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;color:#fff;"
    "background:#1f5fbf;cursor:pointer}"
)
STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
BUTTON = '<form method="post"><button type="submit">Confirm</button></form>'


def confirmation_links(settings: Settings) -> Links | None:
    """Return the maker of links; None for a gateway without a secret to sign them."""
    if settings.signing_secret is None:
        return None
    secret, lifetime = settings.signing_secret.get_secret_value(), timedelta(days=settings.confirmation_days)
    return Links(secret, settings.public_url, lifetime)


async def confirmation(request: Request) -> Response:
    """Show the state of the link; on POST, confirm."""
    state: State = request.app.state.gateway
    token, pressed = request.path_params["token"], request.method == "POST"
    if state.links is None:
        return page_for(LinkState.UNKNOWN)
    try:
        if not pressed:
            return page_for(await look(state.database, state.links, token))
        before = await confirm(state.database, state.bus, state.links, token)
    except UnavailableError:
        return page("This does not work right now", "Try again in a minute.", status=503)
    if before is LinkState.WAITING:
        return page("Thank you", "Your subscription is confirmed.")
    return page_for(before)


def page_for(state: LinkState) -> Response:
    """Return the page of a link before its button is pressed, or where pressing it did nothing."""
    match state:
        case LinkState.WAITING:
            return page("Confirm your subscription", "Press the button to receive emails from us.", button=True)
        case LinkState.CONFIRMED:
            return page("Already confirmed", "Your subscription is confirmed; there is nothing to do.")
        case LinkState.VOID:
            return page("This link is no longer valid", "It has expired, or it was used already.", status=410)
        case LinkState.UNKNOWN:
            return page("This is no confirmation link", "Part of it may be missing.", status=404)


def page(title: str, text: str, *, button: bool = False, status: int = 200) -> Response:
    content = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p>{BUTTON if button else ''}</main></body></html>\n"
    )
    return HTMLResponse(content, status_code=status, headers=HEADERS)
