"""Where keys may be fetched from: whoever can change them on their way can sign any token."""

from ipaddress import ip_address

import httpx


def require_secure(url: str) -> str:
    """Return `url` when it is https, or http on this machine; raise `ValueError` otherwise."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"not a URL: {error}") from error
    if not parsed.host or not (parsed.scheme == "https" or (parsed.scheme == "http" and is_loopback(parsed.host))):
        raise ValueError("must be an https:// address; http:// is only for this machine, such as http://localhost:8080")
    return url


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
