"""The schema is held to its policy: what breaks clients is in the changelog, and deprecations have dates."""

import re
from datetime import date
from pathlib import Path

import pytest
import typer
from graphql import build_schema
from graphql.utilities import BreakingChangeType, DangerousChangeType, find_schema_changes

from gateway.cli.schema_policy import announced, date_of, main, problems

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 12, 1)  # 90 days before 2027-03-01
RELEASED = """
directive @mark(by: Int) repeatable on FIELD | QUERY
interface Named { name: String }
enum Size { SMALL LARGE }
union Found = Thing | Other
input Wish { text: String, size: Size = SMALL }
scalar Stamp
type Thing implements Named { name: String, parts(first: Int = 20): [Thing] }
type Other implements Named { name: String, at: Stamp, share: Float }
type Query { thing(wish: Wish): Thing, found: Found, old: String @deprecated(reason: "Use found instead; goes on 2026-12-24") }
"""  # noqa: E501 - a line for each type

# What is replaced by what, and the coordinate by which the changelog has to tell of it.
TOLD = {
    "a type is removed": ("Stamp", "Moment", {"Stamp", "Other.at"}),
    "a standard scalar is not used anymore": (", share: Float", "", {"Other.share"}),
    "a type is of another kind": ("scalar Stamp", "enum Stamp { NOW }", {"Stamp"}),
    "a field is removed": (", at: Stamp", ", at2: Stamp", {"Other.at"}),
    "a field is of another type": ("found: Found", "found: Named", {"Query.found"}),
    "a list is no list": ("): [Thing]", "): Thing", {"Thing.parts"}),
    "an argument is removed": ("(wish: Wish)", "(wishes: [Wish])", {"Query.thing(wish:)"}),
    "an argument is of another type": ("(first: Int = 20)", "(first: String)", {"Thing.parts(first:)"}),
    "a required argument": ("found: Found", "found(key: ID!): Found", {"Query.found(key:)"}),
    "a required input field": ("text: String,", "text: String, key: ID!,", {"Wish.key"}),
    "an input field that has to be given": ("text: String,", "text: String!,", {"Wish.text"}),
    "an enum value is removed": ("SMALL LARGE", "SMALL", {"Size.LARGE"}),
    "an enum value is added": ("SMALL LARGE", "SMALL MIDDLE LARGE", {"Size.MIDDLE"}),
    "a type leaves a union": ("Thing | Other", "Thing", {"Found"}),
    "a type joins a union": ("Thing | Other", "Thing | Other | Query", {"Found"}),
    "an interface is left": ("type Other implements Named", "type Other", {"Other"}),
    "a default value of an argument": ("first: Int = 20", "first: Int = 10", {"Thing.parts(first:)"}),
    "a default value of an input field": ("size: Size = SMALL", "size: Size", {"Wish.size"}),
    "an input that takes one field": (
        "Wish { text: String, size: Size = SMALL }",
        "Wish @oneOf { text: String, size: Size }",
        {"Wish", "Wish.size"},
    ),
    "a directive is removed": ("@mark(by: Int)", "@marked(by: Int)", {"@mark"}),
    "an argument of a directive is removed": ("@mark(by: Int)", "@mark(at: Int)", {"@mark(by:)"}),
    "a required argument of a directive": ("@mark(by: Int)", "@mark(by: Int, at: Int!)", {"@mark(at:)"}),
    "a directive is not repeated": ("repeatable on", "on", {"@mark"}),
    "a directive has fewer places": ("on FIELD | QUERY", "on FIELD", {"@mark"}),
}
FREE = {
    "a type": ("scalar Stamp", "scalar Stamp scalar Date type More { at: Date }"),
    "a field": ("found: Found", "found: Found, more: Int"),
    "an optional argument": ("found: Found", "found(key: ID): Found"),
    "a required argument with a default": ("found: Found", "found(key: ID! = 1): Found"),
    "an optional input field": ("text: String,", "text: String, more: Int,"),
    "a type of an interface": ("scalar Stamp", "scalar Stamp type More implements Named { name: String }"),
    "an interface": ("type Query {", "type Query implements Named { name: String,"),
    "a field that is never null": ("found: Found", "found: Found!"),
    "a description": ("scalar Stamp", '"Timestamp" scalar Stamp'),
}  # fmt: skip


def changed(old: str, new: str) -> str:
    assert RELEASED.count(old) >= 1
    return RELEASED.replace(old, new)


def told(current: str, changelog: str = "## Unreleased\n", released: str = RELEASED) -> str:
    return "\n".join(problems(build_schema(released), build_schema(current), changelog, TODAY))


def coordinates(text: str) -> set[str]:
    return set(re.findall(r"^  `(.+?)`: ", text, re.MULTILINE))


def deprecated(reason: str | None, *, field: str = "found: Found") -> str:
    given = "" if reason is None else f'(reason: "{reason}")'
    return changed(field, f"{field} @deprecated{given}")


@pytest.mark.parametrize("change", TOLD)
def test_what_breaks_clients_is_refused_until_the_changelog_names_it(change: str) -> None:
    old, new, names = TOLD[change]
    current = changed(old, new)
    refused = told(current)
    assert coordinates(refused) == names
    changelog = "## Unreleased\n" + " ".join(f"- `{name}`" for name in names) + "\n"
    assert told(current, changelog) == ""
    for name in names:
        rest = changelog.replace(f"`{name}`", name)
        assert coordinates(told(current, rest)) == {name}


def test_every_kind_of_change_is_tried() -> None:
    """graphql-core says in prose alone what a change is about, and may say it in other words some day."""
    released = build_schema(RELEASED)
    pairs = [(old, new) for old, new, _ in TOLD.values()] + list(FREE.values())
    tried = {change.type for pair in pairs for change in find_schema_changes(released, build_schema(changed(*pair)))}
    assert tried >= {*BreakingChangeType, *DangerousChangeType}


@pytest.mark.parametrize("change", FREE)
def test_adding_is_free(change: str) -> None:
    old, new = FREE[change]
    assert list(find_schema_changes(build_schema(RELEASED), build_schema(changed(old, new))))
    assert told(changed(old, new)) == ""


def test_a_refusal_says_what_to_do() -> None:
    refused = told(changed(", at: Stamp", ", at2: Stamp"))
    assert "  `Other.at`: Field Other.at was removed.\n" in refused
    assert "deprecate it" in refused
    assert "docs/schema-policy.md" in refused


@pytest.mark.parametrize(
    "changelog",
    [
        "",
        "# Changelog\n\n## 1.1.0\n- `Size.LARGE` is gone.\n",
        "## Unreleased\n- Nothing.\n\n## 1.0.0\n- `Size.LARGE` is gone.\n",
        "## Unreleased\n- Size.LARGE is gone.\n",
        "## Unreleased\n- `Size` is smaller, `LARGE` gone, and `Size.LARGER` too.\n",
    ],
)
def test_only_its_coordinate_under_unreleased_names_it(changelog: str) -> None:
    assert coordinates(told(changed("SMALL LARGE", "SMALL"), changelog)) == {"Size.LARGE"}


def test_it_is_named_anywhere_under_unreleased() -> None:
    text = "## Unreleased\n\n### Added\n- More.\n\n### Removed\n- No `Size.LARGE`:\n  use `SMALL`.\n\n## 1.0.0\n"
    assert told(changed("SMALL LARGE", "SMALL"), text) == ""


@pytest.mark.parametrize(
    "reason",
    [
        "Use thing instead; goes on 2027-03-01",
        "Use `Other.at` or name instead; goes on 2028-01-31",
        "No replacement: nobody reads it; goes on 2027-03-01",
    ],
)
def test_a_deprecation_has_a_reason_and_a_date(reason: str) -> None:
    assert told(deprecated(reason)) == ""


@pytest.mark.parametrize(
    "reason",
    [
        None,
        "Use thing instead",
        "Use thing instead.",
        "Goes on 2027-03-01",
        "Use  instead; goes on 2027-03-01",
        "No replacement; goes on 2027-03-01",
        "Use thing instead; goes on 2027-03-01.",
        "Use thing instead; goes on 2027-13-01",
        "Use thing instead; goes on spring 2027",
    ],
)
def test_another_form_is_refused(reason: str | None) -> None:
    refused = told(deprecated(reason))
    assert coordinates(refused) == {"Query.found"}
    assert "goes on YYYY-MM-DD" in refused


@pytest.mark.parametrize("field", ["found: Found", "first: Int = 20", "text: String", "LARGE"])
def test_whatever_is_deprecated_is_looked_at(field: str) -> None:
    names = {"Query.found", "Thing.parts(first:)", "Wish.text", "Size.LARGE"}
    assert len(coordinates(told(deprecated("Some day", field=field))) & names) == 1


@pytest.mark.parametrize("day", ["2027-02-28", "2026-12-01", "2020-01-01"])
def test_a_new_deprecation_has_three_months_ahead(day: str) -> None:
    refused = told(deprecated(f"Use thing instead; goes on {day}"))
    assert f"`Query.found`: {day} is too soon: 2027-03-01 is the earliest date." in refused


def test_a_date_that_was_released_stays_though_it_comes_near() -> None:
    assert told(RELEASED) == ""
    assert told(changed("2026-12-24", "2027-01-24")) == ""
    assert "2026-12-24 is the earliest date" in told(changed("2026-12-24", "2026-12-23"))


def test_a_deprecation_that_goes_is_named_as_any_removal() -> None:
    gone = re.sub(r", old: .*", " }", RELEASED)
    assert coordinates(told(gone)) == {"Query.old"}
    assert told(gone, "## Unreleased\n- `Query.old`\n") == ""


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    released, current, changelog = (tmp_path / name for name in ("released.graphql", "schema.graphql", "CHANGELOG.md"))
    past = RELEASED.replace("2026-12-24", "2020-01-01")
    released.write_text(past)
    current.write_text(past)
    changelog.write_text("## Unreleased\n")
    main(released, current, changelog)
    captured = capsys.readouterr()
    assert captured.out == "`Query.old` may be removed now: Use found instead; goes on 2020-01-01\n"
    assert captured.err == ""
    current.write_text(past.replace("SMALL LARGE", "SMALL"))
    with pytest.raises(typer.Exit) as ended:
        main(released, current, changelog)
    assert ended.value.exit_code == 1
    assert "`Size.LARGE`" in capsys.readouterr().err


def test_the_released_schema_can_be_compared() -> None:
    released, current = (
        build_schema((ROOT / path).read_text()) for path in ("docs/released/schema.graphql", "schema.graphql")
    )
    assert all(change.coordinate for change in announced(released, current))


def test_the_forms_in_the_policy_are_those_that_are_checked() -> None:
    forms = re.findall(r"`([^`\n]+; goes on \d[^`\n]*)`", (ROOT / "docs" / "schema-policy.md").read_text())
    assert len(forms) >= 2
    assert all(map(date_of, forms))
