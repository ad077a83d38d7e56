"""Documents and objects that refer to each other, and resolvers' moods: by chance, but twice in the same way."""

import asyncio
from random import Random
from typing import Any

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, GraphQLSchema, get_named_type, is_leaf_type
from strawberry.schema.schema_converter import GraphQLCoreConverter

from tests.support.compiler.values import GOOD, ODD, Abort, AsyncFlow, Flow, Named, Record, Soon

TYPES = {"Leaves": 5, "Leaf": 6, "Thing": 6}  # and how many there are of each
Mood = tuple[str, int]  # what a resolver does, and for how long it waits


class Moods(Named):
    """How each resolver of a document behaves. If `tame` it does no harm instead of cancelling."""

    KINDS = "raise", "return", "none", "wrong", "soon", "fail soon"

    def __init__(self, seed: Any, harm: float, *, tame: bool) -> None:
        self._seed = seed
        self._harm = harm
        self._tame = tame
        self._drawn: dict[str, Mood] = {}

    def __getitem__(self, name: str) -> Mood:
        if name not in self._drawn:
            self._drawn[name] = self._draw(name)
        return self._drawn[name]

    def _draw(self, name: str) -> Mood:
        random = Random(f"{self._seed} {name}")
        kind = random.choice(self.KINDS) if random.random() < 2 * self._harm else "good"
        ticks = random.randint(0, 3)
        if random.random() < self._harm / 20:
            kind = "good" if self._tame else random.choice(["cancel", "abort"])
        return kind, ticks


class RandomData:
    """A few documents of each type; `harm` is how often something is wrong. Executions leave it as it is."""

    def __init__(self, schema: GraphQLSchema, seed: int, *, objects: bool, harm: float, tame: bool = False) -> None:
        self._schema = schema
        self._random = Random(seed)
        self.seed = seed
        self.objects = objects
        self.harm = harm
        self._all: dict[str, list[dict[str, Any]]] = {
            name: [
                {"__typename": name, "seed": number, "moods": Moods(f"{seed} {name} {number}", harm, tame=tame)}
                for number in range(count)
            ]
            for name, count in TYPES.items()
        }
        self._shown = {name: [self._show(each) for each in documents] for name, documents in self._all.items()}
        for name, documents in self._all.items():
            for document, shown in zip(documents, self._shown[name], strict=True):
                document.update(self._fields(name))
                if objects:
                    shown.__dict__.update(document, typename=name)

    def _show(self, document: dict[str, Any]) -> Any:
        return Record() if self.objects else document

    def make(self, name: str, chance: str) -> Any:
        """Return one of the type, the same for the same chance."""
        return Random(f"{self.seed} {chance}").choice(self._shown[name])

    def _fields(self, name: str) -> dict[str, Any]:
        made = {}
        for field in self._schema.type_map[name].fields.values():  # type: ignore[attr-defined]  # an object type
            definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
            if definition.base_resolver is None and self._random.random() > self.harm / 4:  # else it is missing
                made[definition.python_name] = self._value(field.type)
        return made

    def _value(self, type: Any, *, required: bool = False) -> Any:
        if isinstance(type, GraphQLNonNull):
            return self._value(type.of_type, required=True)
        drawn = self._random.random()
        if drawn < self.harm:
            return self._odd(type)
        if drawn < 0.15 and not required:
            return None
        if isinstance(type, GraphQLList):
            return [self._value(type.of_type) for _ in range(self._random.randint(0, 3))]
        if is_leaf_type(type):
            return self._random.choice(GOOD[type.name])
        return self._random.choice(self._shown[self._random.choice(self._possible(type))])

    def _possible(self, type: Any) -> list[str]:
        possible = self._schema.get_possible_types(type) if hasattr(type, "resolve_type") else [type]
        return [each.name for each in possible if each.name in TYPES]

    def _odd(self, type: Any) -> Any:
        match self._random.randint(0, 4):
            case 0:
                return Soon(self._value(type), self._random.randint(0, 3))
            case 1:
                return Soon(ValueError("late"), self._random.randint(0, 3))
            case 2 if isinstance(type, GraphQLList):
                values = [self._value(type.of_type) for _ in range(3)]
                return self._random.choice([tuple(values), Flow(values), AsyncFlow(values)])
            case 3 if not is_leaf_type(get_named_type(type)):  # whose message would show all that it refers to
                return self._random.choice(self._shown[self._random.choice(list(TYPES))])
        return self._random.choice(ODD)


def mood_of(source: Any, name: str) -> Mood:
    if source is None:
        return "good", 0
    mood: Mood = (source["moods"] if isinstance(source, dict) else source.moods)[name]
    return mood


def behave(source: Any, name: str, value: Any) -> Any:
    """Return what a resolver returns that does not wait: perhaps not the value, and perhaps it raises."""
    kind, ticks = mood_of(source, name)
    match kind:
        case "raise":
            raise ValueError(f"{name} raised")
        case "return":
            return GraphQLError(f"{name} returned", extensions={"code": "RETURNED"})
        case "none":
            return None
        case "wrong":
            return ODD[ticks]
        case "soon":
            return Soon(value, ticks)
        case "fail soon":
            return Soon(ValueError(f"{name} failed"), ticks)
    return value


async def behave_async(source: Any, name: str, value: Any) -> Any:
    """Do the same after a while."""
    await wait(mood_of(source, name))
    return behave(source, name, value)


async def wait(mood: Mood) -> None:
    kind, ticks = mood
    for _ in range(ticks):
        await asyncio.sleep(0)
    if kind == "cancel":
        raise asyncio.CancelledError
    if kind == "abort":
        raise Abort
