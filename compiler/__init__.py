"""Compiles GraphQL operations to Python for Strawberry, with the results and errors of graphql-core.

    schema = strawberry.Schema(query=Query, execution_context_class=CompiledExecutor)

The schema stays as it is. Each operation is compiled once for its parsed document, so keep parsed documents.
Whatever a plan does not cover is left to graphql-core, at the smallest position that holds it.
"""

from compiler.cache import DocumentPlans, Lookups, Plans
from compiler.executor import CompiledExecutor, compiling
from compiler.infos import field_cache
from compiler.knowledge import Knowledge
from compiler.metadata import batch, pure

__all__ = [
    "CompiledExecutor",
    "DocumentPlans",
    "Knowledge",
    "Lookups",
    "Plans",
    "batch",
    "compiling",
    "field_cache",
    "pure",
]
