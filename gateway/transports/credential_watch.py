"""Streams outlive the check at their start, so the credential is looked at again while they run."""

import asyncio

from gateway.credentials.authentication import Authenticator, seconds_left
from storage.credentials import Credential
from storage.errors import UnauthenticatedError, UnavailableError

LEAST_SECONDS = 0.05


async def until_refused(
    authenticator: Authenticator, token: str, credential: Credential, *, every: float
) -> UnauthenticatedError:
    """Wait until the credential has expired, is revoked, or means something else, and return which.

    It is looked at every `every` seconds. A store that does not answer refuses nobody: the next look decides.
    """
    while (remaining := seconds_left(credential)) > 0:
        await asyncio.sleep(max(LEAST_SECONDS, min(every, remaining)))
        try:
            current = await authenticator.authenticate(token)
        except UnauthenticatedError as error:
            return error
        except UnavailableError:
            continue
        if current != credential:
            return UnauthenticatedError("What this credential may do has changed; connect again.")
    return UnauthenticatedError("This credential has expired.")
