"""Compiles GraphQL operations to Python for Strawberry, with the results and errors of graphql-core.

    schema = strawberry.Schema(query=Query, execution_context_class=CompiledExecutor)

The schema stays as it is. Each operation is compiled once for its parsed document, so keep parsed documents.
Whatever a plan does not cover is left to graphql-core, at the smallest position that holds it.
"""

from compiler.executor import CompiledExecutor, compiling
from compiler.knowledge import Knowledge
from compiler.plans import Plans

__all__ = ["CompiledExecutor", "Knowledge", "Plans", "compiling"]
