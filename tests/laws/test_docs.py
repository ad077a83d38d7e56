"""What the documentation lists is what there is."""

import re
from enum import Enum
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.settings import Settings
from storage.credentials import Scope
from storage.store.errors import ErrorCode
from storage.store.refusals import UserErrorCode

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = sorted([README, ROOT / "compiler" / "README.md", *(ROOT / "docs").rglob("*.md")])


def rows(text: str, pattern: str) -> list[str]:
    return re.findall(rf"^\| `({pattern})` \|", text, re.MULTILINE)


def test_every_error_code_is_documented_once() -> None:
    errors, refusals = (ROOT / "docs" / "errors.md").read_text().split("## Refusals")
    assert rows(errors, "[A-Z_]+") == [code.value for code in ErrorCode]
    assert rows(refusals, "[A-Z_]+") == [code.value for code in UserErrorCode]


def test_every_scope_is_documented_once() -> None:
    text = (ROOT / "docs" / "authentication.md").read_text()
    assert sorted(rows(text, "[a-z:]+")) == sorted(scope.value for scope in Scope)


def default(field: FieldInfo) -> str:
    """Return a setting's default as a person would write it into the environment."""
    value = field.default
    if value is PydanticUndefined or value in (None, "", ()):
        return ""
    if hasattr(value, "total_seconds"):
        value = value.total_seconds()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value.value if isinstance(value, Enum) else value}`"


def settings_table() -> str:
    lines = ["| variable | default | |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `GATEWAY_{name.upper()}` | {default(field)} | {field.description} |")
    return "\n".join(lines)


def test_the_table_of_settings_is_the_settings() -> None:
    assert settings_table() in README.read_text(), f"put this into README.md:\n{settings_table()}"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
