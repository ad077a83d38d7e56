"""Streams outlive the check of their credential, so it is checked again while they run."""

import asyncio
from collections.abc import Callable
from contextvars import Context

from gateway.credentials.authentication import Authenticator, seconds_left
from storage.credentials import Credential
from storage.store.errors import UnauthenticatedError, UnavailableError

MIN_SECONDS = 0.05

OnRefused = Callable[[UnauthenticatedError], None]


async def until_refused(
    authenticator: Authenticator, token: str, credential: Credential, *, every: float
) -> UnauthenticatedError:
    """Wait until the credential has expired, is revoked, or has changed, and return the error that says which.

    It is checked every `every` seconds. While the store does not answer nobody is refused: the next check decides.
    """
    while (remaining := seconds_left(credential)) > 0:
        await asyncio.sleep(max(MIN_SECONDS, min(every, remaining)))
        try:
            current = await authenticator.authenticate(token)
        except UnauthenticatedError as error:
            return error
        except UnavailableError:
            continue
        if current != credential:
            return UnauthenticatedError("What this credential may do has changed; connect again.")
    return UnauthenticatedError("This credential has expired.")


class CredentialWatches:
    """Checks each credential once for all connections that were opened with it."""

    def __init__(self, authenticator: Authenticator, *, every: float) -> None:
        self._authenticator = authenticator
        self._every = every
        self._watched: dict[tuple[str, Credential], tuple[set[OnRefused], asyncio.Task[None]]] = {}

    def watch(self, token: str, credential: Credential, on_refused: OnRefused) -> Callable[[], None]:
        """Call `on_refused` once the credential is refused; return a function that stops watching."""
        key = token, credential
        if key not in self._watched:
            # The first connection may end before others, so nothing of its context belongs here.
            self._watched[key] = set(), asyncio.create_task(self._run(token, credential), context=Context())
        watchers, task = self._watched[key]
        watchers.add(on_refused)

        def stop() -> None:
            watchers.discard(on_refused)
            if not watchers:
                task.cancel()
                if self._watched.get(key) == (watchers, task):
                    del self._watched[key]

        return stop

    async def _run(self, token: str, credential: Credential) -> None:
        refusal = await until_refused(self._authenticator, token, credential, every=self._every)
        watchers, _ = self._watched.pop((token, credential))
        for on_refused in list(watchers):
            on_refused(refusal)
