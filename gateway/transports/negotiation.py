"""Content negotiation: the Accept header as RFC 9110 defines it, by quality, then by order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
OFFERS = (JSON, GRAPHQL_JSON, EVENT_STREAM)  # among equals, such as under */*, the earlier one is chosen
KEPT_HEADERS = 64  # clients send the same ones all the time
MAX_HEADER_LENGTH = 2_000  # what follows is not read: no client needs it, and it would hold up everybody else

PARTS = re.compile(r'(?:"(?:\\.|[^"])*"?|[^,;"])+|[,;]')
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - what RFC 9110 calls a token
MEDIA_RANGE = re.compile(rf"({TOKEN})/({TOKEN})")
QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One element of an Accept header; `position` is its place in the header."""

    type: str
    subtype: str
    quality: float
    position: int

    def specificity(self, offer: str) -> int:
        """Return how closely this range names `offer`: 3 exactly, 1 as anything, 0 not at all."""
        type, _, subtype = offer.partition("/")
        if (self.type, self.subtype) == (type, subtype):
            return 3
        if (self.type, self.subtype) == (type, "*"):
            return 2
        return 1 if (self.type, self.subtype) == ("*", "*") else 0


def elements(header: str) -> Iterator[list[str]]:
    """Split a header at its commas and each element at its semicolons, but for those within quotes."""
    element = [""]
    for part in PARTS.findall(header):
        if part == ",":
            yield element
            element = [""]
        elif part == ";":
            element.append("")
        else:
            element[-1] = part.strip()
    yield element


def parameters(parts: Sequence[str]) -> dict[str, str]:
    pairs = (part.partition("=") for part in parts if part)
    return {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}


def media_ranges(header: str) -> Iterator[MediaRange]:
    """Yield the well-formed ranges; an element that is malformed or asks for another charset is skipped."""
    for position, (name, *rest) in enumerate(elements(header)):
        match = MEDIA_RANGE.fullmatch(name.lower())
        given = parameters(rest)
        quality = given.pop("q", "1")
        if match and QUALITY.fullmatch(quality) and given in ({}, {"charset": "utf-8"}):
            yield MediaRange(match[1], match[2], float(quality), position)


@lru_cache(KEPT_HEADERS)
def choose(header: str | None) -> str | None:
    """Return the offer that `header` prefers, JSON without a header, and None when it accepts none of them."""
    if not header:
        return JSON
    ranges = list(media_ranges(header[:MAX_HEADER_LENGTH]))
    best: tuple[float, int] | None = None
    chosen = None
    for offer in OFFERS:
        closest = max(ranges, key=lambda candidate: candidate.specificity(offer), default=None)
        if closest is None or not closest.specificity(offer) or not closest.quality:
            continue
        rank = (closest.quality, -closest.position)
        if best is None or rank > best:
            best, chosen = rank, offer
    return chosen


@lru_cache(KEPT_HEADERS)
def is_json(content_type: str | None) -> bool:
    """Tell whether a Content-Type header means JSON in UTF-8."""
    name, *rest = next(elements((content_type or "")[:MAX_HEADER_LENGTH]))
    return name.lower() == JSON and parameters(rest).get("charset", "utf-8") in ("utf-8", "utf8")
