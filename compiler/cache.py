"""Keeps what has been compiled: all that belongs to a document in one entry, which goes as one."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, Undefined
from graphql.execution import Executor
from graphql.execution.collect_fields import GroupedFieldSet

from compiler.conditions import Conditions, conditions_of, only
from compiler.knowledge import Knowledge
from compiler.plans import Plan

MOST_PLANS, MOST_FIELDS = 64, 8_000  # of one document, which has a plan for each way its conditions were met
FIELDS_A_DOCUMENT = 100  # of which most have far fewer


@dataclass(slots=True)
class Lookups:
    """How often a plan was found, and how often one had to be made."""

    hits: int = 0
    misses: int = 0


class DocumentPlans:
    """What is compiled of one document: to be kept with it, by who keeps the document.

    `fields` says how many have been compiled, and `grown` is called whenever a plan has been added.
    """

    __slots__ = ("_conditions", "_grown", "_lookups", "_plans", "fields")

    def __init__(self, lookups: Lookups | None = None, grown: Callable[[], None] = lambda: None) -> None:
        self._lookups = lookups or Lookups()
        self._grown = grown
        self._conditions: dict[Hashable, Conditions] = {}
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()
        self.fields = 0

    def __len__(self) -> int:
        return len(self._plans)

    def plan(
        self, executor: Executor[Any], knowledge: Knowledge, root: GraphQLObjectType, fields: GroupedFieldSet
    ) -> Plan | None:
        """Return the plan of an operation of the document, or None where there is none."""
        operation = (id(executor.schema), id(executor.operation))
        conditions = self._conditions.get(operation)
        if conditions is None:
            conditions = self._conditions[operation] = conditions_of(executor)
        if conditions.variables is None:
            return None
        coerced = executor.variable_values.coerced
        key = (operation, *(coerced.get(name, Undefined) for name in conditions.variables))
        found = self._plans.get(key)
        if found is not None:
            self._lookups.hits += 1
            self._plans.move_to_end(key)
            return found
        self._lookups.misses += 1
        variables = only(executor.variable_values, conditions.variables)
        made = self._plans[key] = Plan(executor, knowledge, variables, self._count)
        made.compile(root, fields)
        self._shrink()
        self._grown()
        return made

    def _count(self, fields: int) -> None:
        self.fields += fields

    def _shrink(self) -> None:
        while len(self._plans) > MOST_PLANS or (self.fields > MOST_FIELDS and len(self._plans) > 1):
            self._plans.popitem(last=False)
            self.fields = sum(plan.fields for plan in self._plans.values())


class Plans:
    """The plans of the documents that were executed last: of `size` of them, and of a hundred times as many fields.

    It is for documents that nobody keeps together with their plans.
    """

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._documents: OrderedDict[Hashable, DocumentPlans] = OrderedDict()
        self.lookups = Lookups()

    def __len__(self) -> int:
        return sum(map(len, self._documents.values()))

    def of(self, executor: Executor[Any]) -> DocumentPlans:
        """Return the plans of what is executed: an operation with its fragments, by their identity."""
        key = (id(executor.operation), *map(id, executor.fragment_definitions.values()))
        found = self._documents.get(key)
        if found is None:
            found = self._documents[key] = DocumentPlans(self.lookups, self._shrink)
            if len(self._documents) > self._size:
                self._documents.popitem(last=False)
        else:
            self._documents.move_to_end(key)
        return found

    def _shrink(self) -> None:
        fields = sum(document.fields for document in self._documents.values())
        while fields > self._size * FIELDS_A_DOCUMENT and len(self._documents) > 1:
            _, evicted = self._documents.popitem(last=False)
            fields -= evicted.fields
