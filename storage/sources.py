"""Where what is stored came from: one closed set for changes, attributes, tags and agreements."""

from enum import StrEnum


class ChangeSource(StrEnum):
    """The way by which something was set (R18, R31); CARD is a person who edits the profile by hand."""

    API = "API"
    SDK = "SDK"
    IMPORT = "IMPORT"
    AUTOMATION = "AUTOMATION"
    CARD = "CARD"
    LINK = "LINK"
    SYSTEM = "SYSTEM"
