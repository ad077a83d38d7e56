"""How email addresses and phone numbers are written down: one form of each, so that what is set is found again."""

from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from phonenumbers import (
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    parse,
)

from storage.rules import check_identifier
from storage.store.refusals import RefusedError, UserErrorCode, refuse

UNPARSED = {
    NumberParseException.INVALID_COUNTRY_CODE: "It needs a country code that exists, for example +47.",
    NumberParseException.NOT_A_NUMBER: "It does not look like one.",
    NumberParseException.TOO_SHORT_AFTER_IDD: "It ends after its country code.",
    NumberParseException.TOO_SHORT_NSN: "It is too short.",
    NumberParseException.TOO_LONG: "It is too long.",
}
IMPOSSIBLE = {
    ValidationResult.INVALID_COUNTRY_CODE: "Its country code does not exist.",
    ValidationResult.TOO_SHORT: "It is too short for its country.",
    ValidationResult.TOO_LONG: "It is too long for its country.",
    ValidationResult.INVALID_LENGTH: "No number of its country has this length.",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "It lacks its area code.",
}


def known_region(region: str) -> str:
    """Return a region whose phone numbers are known, for example NO; `ValueError` for another."""
    if region not in SUPPORTED_REGIONS:
        raise ValueError("expected two letters of ISO 3166, for example NO")
    return region


def normal_identifier(name: str, value: str, field: Sequence[str], *, region: str | None) -> str:
    """Return the value of an identifier in its normal form, or refuse it; `name` is for example `customId`."""
    match name:
        case "email":
            return normal_email(value, field)
        case "phone":
            return normal_phone(value, field, region=region)
        case _:
            return check_identifier(value, field)


def normal_email(value: str, field: Sequence[str]) -> str:
    """Return an email address in lower case and Unicode's normal form, or refuse it (R15, R17)."""
    check_identifier(value, field)
    try:
        normal = lower_email(value)
    except EmailNotValidError as error:
        raise refuse(UserErrorCode.INVALID_VALUE, field, f"This is not an email address. {error}") from error
    return check_identifier(normal, field)  # a domain in Punycode can hide what R15 forbids


def email_to_find(value: str) -> str:
    """Return an email address as it would have been written down; one that is not valid, in lower case."""
    try:
        return lower_email(value)
    except EmailNotValidError:
        return value.strip().casefold()


def lower_email(value: str) -> str:
    return validate_email(value.strip(), check_deliverability=False).normalized.lower()


def normal_phone(value: str, field: Sequence[str], *, region: str | None) -> str:
    """Return a phone number in E.164, or refuse it (R15, R17); `region` is where one without country code is from.

    Its length and its country are checked, and not whether it is in use: numbering plans grow faster than libraries.
    """
    check_identifier(value, field)
    try:
        number = read_phone(value, region)
    except NumberParseException as error:
        raise invalid_phone(UNPARSED[error.error_type], field) from error
    if number.extension:
        raise invalid_phone("An extension can't be kept with it.", field)
    reason = is_possible_number_with_reason(number)
    if reason != ValidationResult.IS_POSSIBLE:
        raise invalid_phone(IMPOSSIBLE[reason], field)
    return e164(number)


def phone_to_find(value: str, *, region: str | None) -> str:
    """Return a phone number as it would have been written down; one that is not valid, as it is."""
    try:
        return e164(read_phone(value, region))
    except NumberParseException:
        return value


def read_phone(value: str, region: str | None) -> PhoneNumber:
    """Return a number that stays the same when its E.164 is read again; raises `NumberParseException`.

    In some plans each reading takes a leading zero away: +98000000 becomes +9800000, and that +980000.
    """
    number = parse(value, region)
    again = e164(parse(e164(number), None))
    return number if number.extension or again == e164(number) else read_phone(again, None)


def e164(number: PhoneNumber) -> str:
    return format_number(number, PhoneNumberFormat.E164)


def invalid_phone(reason: str, field: Sequence[str]) -> RefusedError:
    return refuse(UserErrorCode.INVALID_VALUE, field, f"This is not a phone number. {reason}")
