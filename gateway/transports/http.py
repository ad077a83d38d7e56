"""GraphQL over HTTP: authenticate, negotiate the media type, read the operation, and answer, in this order."""

from functools import partial

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.asgi.bodies import read_body
from gateway.asgi.disconnects import while_connected
from gateway.asgi.headers import Headers, get_header, get_list_header
from gateway.credentials.authentication import bearer
from gateway.credentials.watches import until_refused
from gateway.execution.operation import Operation, Result
from gateway.state import State
from gateway.transports.negotiation import EVENT_STREAM, JSON, OFFERS, choose, is_json
from gateway.transports.parameters import from_body, from_query
from gateway.transports.responses import JSONResponse, error_response, status_of
from gateway.transports.sse import EventStream
from storage.credentials import Credential
from storage.store.errors import ErrorCode, GatewayError

PATH = "/graphql"
METHODS = frozenset({"GET", "POST"})  # without HEAD, which would run an operation and return nothing of it
CLIENT_CLOSED_REQUEST = 499  # only for the log: the client has gone


class GraphQL:
    """The ASGI endpoint of GET and POST on /graphql: one JSON response, or an event stream if the client prefers it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await respond(scope, receive)
        await response(scope, receive, send)


class BeforeRouter:
    """Pure ASGI middleware: serves /graphql as its route would, without routing, and passes on everything else."""

    def __init__(self, app: ASGIApp, endpoint: ASGIApp) -> None:
        self._app = app
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"] == PATH and scope["method"] in METHODS
        await (self._endpoint if ours else self._app)(scope, receive, send)


async def respond(scope: Scope, receive: Receive) -> ASGIApp:
    state: State = scope["app"].state.gateway
    media_type = JSON
    try:
        headers: Headers = scope["headers"]
        token = bearer(get_header(headers, b"authorization"))
        credential = await state.authenticator.authenticate(token)
        chosen = negotiate(headers)
        media_type = chosen if chosen != EVENT_STREAM else JSON
        operation = await read_operation(scope, receive, state.settings.max_body_bytes)
        queries_only = scope["method"] == "GET"
        if chosen == EVENT_STREAM:
            return event_stream(state, operation, token, credential, queries_only=queries_only)
        work = state.engine.execute(operation, credential, queries_only=queries_only)
        return answer(await while_connected(receive, work), media_type)
    except GatewayError as error:
        return error_response(error, media_type=media_type)
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED_REQUEST)


def negotiate(headers: Headers) -> str:
    chosen = choose(get_list_header(headers, b"accept"))
    if chosen is None:
        raise GatewayError(f"This answers with {', '.join(OFFERS)} only.", code=ErrorCode.NOT_ACCEPTABLE)
    return chosen


async def read_operation(scope: Scope, receive: Receive, limit: int) -> Operation:
    headers: Headers = scope["headers"]
    if scope["method"] == "GET":
        return from_query(QueryParams(scope["query_string"]))
    if not is_json(get_header(headers, b"content-type")):
        raise GatewayError(
            "The Content-Type must be application/json, in UTF-8.", code=ErrorCode.UNSUPPORTED_MEDIA_TYPE
        )
    length = get_header(headers, b"content-length")
    return from_body(await read_body(receive, content_length=length, limit=limit))


def answer(result: Result, media_type: str) -> Response:
    """Return the response with the status that the media type asks for.

    Under application/json a well-formed request that was refused has 200 too, which the GraphQL over HTTP
    specification keeps for older clients.
    """
    status = 200 if result.executed else status_of(result.body["errors"][0]["extensions"]["code"])
    if status == 400 and media_type == JSON:
        status = 200
    return JSONResponse(result.encoded, status=status, media_type=media_type)


def event_stream(
    state: State, operation: Operation, token: str, credential: Credential, *, queries_only: bool
) -> EventStream:
    every = state.settings.credential_cache_seconds
    return EventStream(
        state.engine.stream(operation, credential, queries_only=queries_only),
        closing=state.closing,
        refused=partial(until_refused, state.authenticator, token, credential, every=every),
        heartbeat=state.settings.heartbeat_seconds,
    )
