"""Where keys may be fetched from: whoever can change them on their way can sign any token."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def require_secure(url: str) -> str:
    """Return `url` when it is https, or http on this machine; raise `ValueError` otherwise."""
    parsed = urlsplit(url)
    host = parsed.hostname or ""
    if not host or not (parsed.scheme == "https" or (parsed.scheme == "http" and is_loopback(host))):
        raise ValueError("must be an https:// address; http:// is only for this machine, such as http://localhost:8080")
    return url


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
