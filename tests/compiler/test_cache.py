"""What is kept of compiled operations: bounded, with their documents, and nothing that belongs to an execution."""

import gc
import weakref
from collections.abc import Iterator
from itertools import product
from types import ModuleType
from typing import Any

from graphql import OperationDefinitionNode, execute, parse

from compiler import DocumentPlans, Lookups, compiling, source
from compiler.cache import MOST_PLANS
from compiler.plans import Plan
from tests.compiler.test_compiler import ITEMS, Item, Query, run


async def test_one_plan_serves_an_operation_whatever_its_variables_but_those_of_conditions() -> None:
    executor = compiling(8)
    document = parse(
        "query ($show: Boolean!, $names: [String!]) { items(names: $names) { name size @include(if: $show) } }"
    )
    for names in (["x"], ["y", "z"]):
        for show in (True, False):
            result = await run(executor, document, show=show, names=names)
            assert ("size" in result.data["items"][0]) is show
            assert [item["name"] for item in result.data["items"]] == [*names, "a", "bb"]
    assert (len(executor.plans), executor.plans.lookups) == (2, Lookups(hits=2, misses=2))


async def test_the_least_recently_used_plan_goes_first() -> None:
    executor = compiling(2)
    first, second, third = (parse(f"{{ items {{ {name}: name }} }}") for name in "abc")
    for document in (first, second, first, third, first, second):
        await run(executor, document)
    assert len(executor.plans) == 2
    assert executor.plans.lookups == Lookups(hits=2, misses=4)


async def test_plans_are_bounded_by_their_fields_as_well() -> None:
    executor = compiling(4)
    for number in range(6):
        names = " ".join(f"a{number}_{each}: name" for each in range(150))
        await run(executor, f"{{ items {{ {names} }} }}")
    assert len(executor.plans) == 3  # the fields of the last one come after it has been admitted


async def test_the_plans_of_a_document_are_bounded() -> None:
    executor = compiling(8)
    names = [f"if{number}" for number in range(8)]
    shown = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    document = parse(f"query ({', '.join(f'${name}: Boolean!' for name in names)}) {{ items {{ {shown} }} }}")
    for given in product([True, False], repeat=len(names)):
        result = await run(executor, document, **dict(zip(names, given, strict=True)))
        assert [name in result.data["items"][0] for name in names] == [*given]
    assert len(executor.plans) == MOST_PLANS < 2 ** len(names)


async def test_documents_that_no_plan_covers_are_bounded_as_well() -> None:
    executor = compiling(2)
    for _ in range(5):
        assert (await run(executor, "{ items @other { name } }")).errors is None
    assert len(executor.plans) == 0
    assert len(executor.plans._documents) == 2


async def test_plans_go_with_the_document_that_they_are_kept_with() -> None:
    executor, plans = compiling(8), DocumentPlans()
    for _ in range(2):
        result: Any = execute(
            ITEMS._schema, parse("{ items { name } }"), Query(), executor_class=executor, document_plans=plans
        )
        assert result.errors is None
    assert (len(plans), len(executor.plans)) == (2, 0)
    kept = [weakref.ref(each) for each in referred_to(plans) if isinstance(each, Plan | OperationDefinitionNode)]
    assert len(kept) == 4
    del plans
    gc.collect()
    assert not any(reference() for reference in kept)


async def test_a_plan_keeps_nothing_of_what_a_client_sent() -> None:
    executor = compiling(1)
    await run(executor, "query ($names: [String!]) { items(names: $names) { name } }", names=["secret"])
    assert len(executor.plans) == 1
    texts = [each for each in referred_to(executor.plans) if isinstance(each, str)]
    assert "names" in texts
    assert "secret" not in texts


async def test_what_was_executed_is_forgotten_even_where_it_was_not_as_expected() -> None:
    await run(compiling(1), "{ items { __typename } }")  # of what is no document
    gc.collect()
    assert not any(isinstance(each, Item) for each in gc.get_objects())


async def test_operations_of_the_same_shape_share_their_code() -> None:
    executor = compiling(8)
    await run(executor, "{ items { name late } }")
    before = dict(source.MAKERS)
    await run(executor, "{ others: items { title: name soon: late } }")
    assert dict(source.MAKERS) == before


async def test_code_goes_with_the_last_plan_that_it_belongs_to() -> None:
    executor = compiling(1)
    names = " ".join(f"a{number}: name" for number in range(31))
    await run(executor, f"{{ items {{ {names} late }} }}")
    code = max(source.MAKERS, key=len)
    await run(executor, f"{{ items {{ b: late {names} }} }}")
    gc.collect()
    assert code not in source.MAKERS


def referred_to(thing: Any) -> Iterator[Any]:
    """Yield everything that a thing holds, what belongs to classes and modules left out."""
    seen, waiting = {id(thing)}, [thing]
    while waiting:
        each = waiting.pop()
        yield each
        if not isinstance(each, type | ModuleType) and not (isinstance(each, dict) and "__builtins__" in each):
            found = [every for every in gc.get_referents(each) if id(every) not in seen]
            seen.update(map(id, found))
            waiting += found
