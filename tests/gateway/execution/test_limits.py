"""Every known way to make a small request expensive is refused, and cheaply so."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.execution.documents import Documents
from gateway.execution.limits import MANY, check_variables
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from storage.store.errors import GatewayError
from tests.support.sample_schema import INTROSPECTION, ask, schema


def doubling(levels: int, body: str) -> str:
    chain = "".join(f"fragment F{i} on Query{{...F{i + 1} ...F{i + 1}}}" for i in range(levels))
    return "{...F0}" + chain + f"fragment F{levels} on Query{{{body}}}"


def nested(levels: int) -> str:
    return "{" + "child{" * levels + "name" + "}" * levels + "}"


def cyclic(size: int) -> str:
    spreads = " ".join(f"...F{i}" for i in range(size))
    return "{...F0}" + "".join(f"fragment F{i} on Query{{{spreads}}}" for i in range(size))


def pairs(count: int) -> str:
    spreads = " ".join(f"...F{i}" for i in range(count))
    return f"{{{spreads}}}" + "".join(f"fragment F{i} on Query{{child{{child{{name}}}}}}" for i in range(count))


TRICKS = {
    "exponential fragments": (doubling(20, "name"), "fields"),
    "exponential depth": (doubling(20, nested(15)[1:-1]), "fields"),
    "exponential aliases": (doubling(10, "a:name"), "aliases"),
    "exponential directives": (doubling(10, "name@skip(if:true)"), "directives"),
    "20,000 repeated fields": ("{" + "name " * 20_000 + "}", "length"),
    "20,000 short fields": ("{" + "a " * 9_990 + "}", "tokens"),
    "repeated fields within the tokens": ("{" + "name " * 990 + "}", "complexity"),
    "many aliases": ("{" + "".join(f"a{i}:name " for i in range(200)) + "}", "aliases"),
    "5,000 aliases": ("{" + "".join(f"a{i}:name " for i in range(5_000)) + "}", "length"),
    "many directives": ("{name " + "@skip(if:true)" * 60 + "}", "directives"),
    "5,000 directives": ("{name " + "@skip(if:true)" * 5_000 + "}", "length"),
    "directives on an operation": ("query " + "@a " * 60 + "{name}", "directives"),
    "directives on a variable": ("query($v:Int " + "@a " * 60 + "){name}", "directives"),
    "directives on a fragment": (doubling(6, "name").replace("on Query{name}", "on Query @a {name}"), "directives"),
    "deep fields": (nested(17), "depth"),
    "very deep fields": (nested(300), "depth"),
    "depth in fragments": (
        "{...F0}" + "".join(f"fragment F{i} on Node{{child{{...F{i + 1}}}}}" for i in range(20)),
        "depth",
    ),
    "deep lists": ("{child(filter:{numbers:" + "[" * 150 + "]" * 150 + "}){name}}", "depth"),
    "very deep lists": ("{child(filter:{numbers:" + "[" * 450 + "]" * 450 + "}){name}}", "depth"),
    "deep objects": ("{child(filter:" + "{inner:" * 100 + "{}" + "}" * 100 + "){name}}", "depth"),
    "deep default": ("query($v:[Int]=" + "[" * 100 + "]" * 100 + "){name}", "depth"),
    "deep value in a directive": ("{name @skip(if:" + "[" * 100 + "]" * 100 + ")}", "depth"),
    "introspection circle": ("{__schema{types{fields{type{fields{type{fields{name}}}}}}}}", "introspection depth"),
    "repeated introspection": (
        "{" + "".join(f"a{i}:__schema{{types{{name}}}}" for i in range(20)) + "}",
        "introspection",
    ),
    "long string": ('{echo(text:"' + "a" * 250_000 + '")}', "length"),
    "long name": ("{" + "z" * 250_000 + "}", "length"),
    "white space": ("{" + " " * 250_000 + "name}", "length"),
    "comments": ("#\n" * 9_000 + "{name}", "tokens"),
}
COSTLY = {
    **{name: text for name, (text, _) in TRICKS.items()},
    "the same fields in many fragments": pairs(60),
    "circular fragments": cyclic(20),
    "fragments in circles of their own": cyclic(2),
    "many operations": "".join(f"query Q{i}{{...F0}}" for i in range(60)) + doubling(40, "name")[7:],
    "unknown fields": "{" + " ".join(f"nam{i}" for i in range(990)) + "}",
    "unused variables": "query(" + "".join(f"$v{i}:Int " for i in range(220)) + "){name}",
    "long string of escapes": '{echo(text:"' + "\\n" * 9_900 + '")}',
    "long block string": '{echo(text:"""' + "\n a" * 6_600 + '""")}',
    "inline fragments": "{" + "...{" * 150 + "name" + "}" * 150 + "}",
    "long lists": "{child(filter:{numbers:[" + "1 " * 950 + "]}){name}}",
    "introspection": INTROSPECTION,
}


def prepare(text: str) -> list[Exception]:
    return list(Documents(schema._schema, Settings(), Metrics()).prepare(text).errors)


def takes_less(work: Callable[[], object], seconds: float) -> bool:
    """Whether one of five runs takes less time of this thread, so that what else the machine does counts little."""
    for _ in range(5):
        started = time.thread_time()
        work()
        if time.thread_time() - started < seconds:
            return True
    return False


def refusal_of_variables(variables: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(GatewayError) as refusal:
        check_variables(variables, Settings())
    return refusal.value.extensions


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_is_refused_with_the_limit_it_exceeds(trick: str) -> None:
    text, limit = TRICKS[trick]
    errors = prepare(text)
    refusals = {error.details["limit"]: error for error in errors if isinstance(error, GatewayError)}
    if not refusals:
        refusals = {error.original_error.details["limit"]: error.original_error for error in errors}
    refusal = refusals[limit]
    assert refusal.code == "LIMIT_EXCEEDED"
    assert refusal.details["allowed"] > 0
    assert str(refusal.details["allowed"]) in refusal.message
    assert refusal.details.get("value", MANY) > refusal.details["allowed"]


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_is_refused_in_under_50_ms_of_the_event_loop(trick: str) -> None:
    assert takes_less(lambda: prepare(TRICKS[trick][0]), 0.05)


def test_fragments_that_would_be_compared_with_each_other_are_refused() -> None:
    (refusal,) = prepare(pairs(60))
    assert isinstance(refusal, GatewayError)
    assert refusal.details["limit"] == "complexity"
    assert prepare(pairs(20)) == []


@pytest.mark.parametrize("name", COSTLY)
def test_no_document_takes_long_to_prepare(name: str) -> None:
    assert takes_less(lambda: prepare(COSTLY[name]), 0.25)


@pytest.mark.parametrize(
    "text",
    [
        INTROSPECTION,
        nested(15),
        "{" + "".join(f"a{i}:name " for i in range(30)) + "}",
        "query" + "($n:Boolean!){name @skip(if:$n) @include(if:$n)}",
        "{" + "...F " * 20 + "} fragment F on Query{name}",
        "{...A ...B} fragment A on Query{...B name} fragment B on Query{child{name}}",
        '{__type(name:"Node"){name fields{name type{name ofType{name ofType{name}}}}}}',
        "{child(filter:{inner:{inner:{numbers:[1,2,3]}}}){name}}",
    ],
)
def test_ordinary_documents_pass(text: str) -> None:
    assert prepare(text) == []


def test_counts_are_of_the_expanded_operation() -> None:
    text = "{a:name ...A child{...A}} fragment A on Query{b:child{...B} c:child{...B}} fragment B on Node{d:name}"
    settings = Settings(max_aliases=1, max_fields=1, max_depth=1)
    errors = Documents(schema._schema, settings, Metrics()).prepare(text).errors
    values = {error.details["limit"]: error.details["value"] for error in errors if isinstance(error, GatewayError)}
    assert values == {"aliases": 1 + 4 + 4, "fields": 2 + 4 + 4, "depth": 3}


def test_each_operation_of_a_document_counts_for_itself() -> None:
    text = (
        "query A{"
        + "".join(f"a{i}:name " for i in range(20))
        + "} query B{"
        + "".join(f"a{i}:name " for i in range(20))
    )
    assert prepare(text + "}") == []


def test_deep_variables_are_refused() -> None:
    value: dict[str, object] = {}
    for _ in range(5_000):
        value = {"inner": value}
    assert takes_less(lambda: refusal_of_variables({"f": value}), 0.05)
    assert refusal_of_variables({"f": value}) == {"code": "LIMIT_EXCEEDED", "limit": "depth", "allowed": 16}


def test_many_values_in_variables_are_refused() -> None:
    variables = {"f": {"numbers": [1] * 100_000}}
    assert takes_less(lambda: refusal_of_variables(variables), 0.05)
    assert refusal_of_variables(variables)["limit"] == "values"


async def test_variables_are_checked_before_anything_runs() -> None:
    result = await ask("query($f:Filter){child(filter:$f){name}}", variables={"f": {"numbers": [1] * 100_000}})
    assert result.body["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert not result.executed
