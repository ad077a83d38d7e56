"""Infos are what Strawberry would have made, and give resolvers a place to keep what an operation is the same in."""

from typing import Any

import pytest
import strawberry
from graphql import execute, parse
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.info import Info

from compiler import compiling, field_cache


class Named(Info[Any, Any]):
    """The class of a schema that has its own."""

    @property
    def name(self) -> str:
        return f"{self.path.typename}.{self.python_name}"


@strawberry.type
class Query:
    @strawberry.field
    def named(self, info: Named) -> str:
        return info.name


@strawberry.type
class Counting:
    @strawberry.field
    def again(self, info: Info[Any, Any], more: int = 1) -> int:
        kept = field_cache(info)
        kept["times"] = kept.get("times", 0) + more
        times: int = kept["times"]
        return times


OWN = strawberry.Schema(Query, config=StrawberryConfig(info_class=Named))


@pytest.mark.parametrize("executor", [StrawberryGraphQLCoreExecutionContext, compiling()])
def test_a_schema_may_have_a_class_of_its_own(executor: Any) -> None:
    result: Any = execute(OWN._schema, parse("{ named }"), executor_class=executor)
    assert (result.data, result.errors) == ({"named": "Query.named"}, None)


@pytest.mark.parametrize(("executor", "times"), [(StrawberryGraphQLCoreExecutionContext, 1), (compiling(), 3)])
def test_what_a_field_keeps_is_there_whenever_its_operation_runs(executor: Any, times: int) -> None:
    schema = strawberry.Schema(Counting)._schema
    document = parse("query ($more: Int) { again(more: $more) other: again }")
    for _ in range(3):
        result: Any = execute(schema, document, executor_class=executor, variable_values={"more": 1})
    assert result.data == {"again": times, "other": times}
