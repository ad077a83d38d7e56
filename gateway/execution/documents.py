"""The document cache: a document is parsed, measured and validated once, however often it is sent."""

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b

from graphql import (
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    OperationType,
    StreamDirectiveOnListField,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from compiler import DocumentPlans, Lookups
from gateway.execution.deprecations import Extensions, deprecations, told
from gateway.execution.limits import MAX_COMPLEXITY, exceeded, oversize
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from storage.store.errors import ErrorCode, GatewayError

MAX_ERRORS = 10
MAX_INTROSPECTION_LISTS = 3
MAX_CACHED_TEXT = 500_000  # characters; the parsed form of one takes about two hundred bytes
FIELD_TEXT = 20  # characters that take as much as a field that is compiled

# The rule about merging fields compares them in pairs; its budget is a module attribute that graphql-core reads
# at each validation, and its default allows two seconds of work for a document of 2 kB.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = MAX_COMPLEXITY


class IntrospectionDepthRule(MaxIntrospectionDepthRule):
    """graphql-core's rule against cycles such as `__schema{types{fields{type{fields`, refusing as our limits do."""

    def report_error(self, error: GraphQLError) -> None:
        refusal = exceeded("introspection depth", MAX_INTROSPECTION_LISTS)
        super().report_error(GraphQLError(refusal.message, error.nodes, original_error=refusal))


REPLACED = {
    MaxIntrospectionDepthRule,
    # No schema of ours declares @defer and @stream, so that they are unknown directives already.
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    StreamDirectiveOnListField,
}
RULES = (
    *(rule for rule in specified_rules if rule not in REPLACED),
    IntrospectionDepthRule,
    MaybeNullValidationRule,
)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A document ready to run with what is known of it, or the reasons why it is not; it equals itself alone.

    By the name of the operation, `cursors` are the variables that its subscriptions resume after, and `extensions` are
    those of its answers.
    """

    digest: str
    document: DocumentNode | None
    errors: tuple[Exception, ...] = ()
    plans: DocumentPlans = field(default_factory=DocumentPlans)
    cursors: dict[str | None, str | None] = field(default_factory=dict)
    extensions: Extensions = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run; `name` is required where there are several."""
        definitions = self.document.definitions if self.document else ()
        operations = [definition for definition in definitions if isinstance(definition, OperationDefinitionNode)]
        if name is None and len(operations) > 1:
            raise GatewayError(
                "The document has several operations: name one of them as operationName.", code=ErrorCode.BAD_REQUEST
            )
        for operation in operations:
            if name is None or (operation.name and operation.name.value == name):
                return operation
        missing = "no operation" if name is None else "no operation of that name: check operationName"
        raise GatewayError(f"The document has {missing}.", code=ErrorCode.BAD_REQUEST)

    def subscribes(self, name: str | None) -> bool:
        """Whether the operation to run is a subscription."""
        try:
            return self.operation(name).operation is OperationType.SUBSCRIPTION
        except GatewayError:
            return False


class Documents:
    """The most recently used documents with all that belongs to them, bounded in number and in memory.

    Memory is counted as the text that takes as much.
    """

    def __init__(self, schema: GraphQLSchema, settings: Settings, metrics: Metrics) -> None:
        self._schema = schema
        self._deprecations = deprecations(schema)
        self._settings = settings
        self._hits = metrics.documents.labels("hit")
        self._misses = metrics.documents.labels("miss")
        self._cached: OrderedDict[str, Prepared] = OrderedDict()
        self._text = 0
        self._fields = 0
        self.lookups = Lookups()

    @property
    def plans(self) -> int:
        """How many plans the documents have."""
        return sum(len(prepared.plans) for prepared in self._cached.values())

    def prepare(self, text: str) -> Prepared:
        """Return the document of `text`, fit to run or not; it never raises, and the result is kept."""
        cached = self._cached.get(text)
        if cached is not None:
            self._hits.inc()
            self._cached.move_to_end(text)
            return cached
        self._misses.inc()
        digest = blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()
        if len(text) > self._settings.max_length:
            return Prepared(digest, None, (exceeded("length", self._settings.max_length, value=len(text)),))
        try:
            prepared = self._checked(text, digest)
        except Exception as error:  # noqa: BLE001 - a rule that fails on a document fails again, so it is kept as well
            prepared = Prepared(digest, None, (error,))
        self._keep(text, prepared)
        return prepared

    def _keep(self, text: str, prepared: Prepared) -> None:
        self._cached[text] = prepared
        self._text += len(text)
        self._shrink()

    def _grown(self) -> None:
        self._fields = sum(prepared.plans.fields for prepared in self._cached.values())
        self._shrink()

    def _shrink(self) -> None:
        most = self._settings.document_cache
        while len(self._cached) > most or self._text + self._fields * FIELD_TEXT > MAX_CACHED_TEXT:
            text, evicted = self._cached.popitem(last=False)
            self._text -= len(text)
            self._fields -= evicted.plans.fields

    def _checked(self, text: str, digest: str) -> Prepared:
        """Return the document, or what is wrong with it. Limits come first, since they bound validation."""
        try:
            document = parse(text, max_tokens=self._settings.max_tokens)
        except GraphQLError as error:
            return Prepared(digest, None, (self._parse_error(error.with_traceback(None)),))
        if refusals := oversize(document, self._settings):
            return Prepared(digest, None, tuple(refusals))
        if errors := validate(self._schema, document, RULES, max_errors=MAX_ERRORS):
            return Prepared(digest, None, tuple(validation_error(error) for error in errors))
        extensions = told(self._schema, document, self._deprecations) if self._deprecations else {}
        return Prepared(digest, document, plans=DocumentPlans(self.lookups, self._grown), extensions=extensions)

    def _parse_error(self, error: GraphQLError) -> GraphQLError | GatewayError:
        if error.message.endswith("tokens. Parsing aborted."):
            return exceeded("tokens", self._settings.max_tokens)
        if error.message.endswith("nested too deeply. Parsing aborted."):
            return exceeded("depth", self._settings.max_depth)
        error.extensions = {"code": ErrorCode.GRAPHQL_PARSE_FAILED.value}
        return error


def validation_error(error: GraphQLError) -> GraphQLError | GatewayError:
    """Give an error of validation its code; one that aborted the validation for its cost is a refusal."""
    if error.message == "Validation aborted.":
        return exceeded("complexity", MAX_COMPLEXITY)
    if not isinstance(error.original_error, GatewayError):
        error.extensions = {"code": ErrorCode.GRAPHQL_VALIDATION_FAILED.value}
    return error
