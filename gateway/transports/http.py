"""GraphQL over HTTP: who asks, what they accept, what they ask, and the answer, in this order."""

from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.credentials.authentication import bearer
from gateway.execution.operation import Operation
from gateway.execution.results import Result
from gateway.state import State
from gateway.transports.bodies import from_body, from_query, read_body
from gateway.transports.credential_watch import until_refused
from gateway.transports.negotiation import EVENT_STREAM, JSON, OFFERS, choose, is_json
from gateway.transports.responses import error_response, json_response, status_of
from gateway.transports.sse import EventStream
from gateway.transports.waiting import WhileConnected
from storage.credentials import Credential
from storage.errors import ErrorCode, GatewayError

CLIENT_CLOSED_REQUEST = 499  # for the log only: nobody is there to read it


async def graphql(request: Request) -> ASGIApp:
    """Serve GET and POST on /graphql: one JSON answer, or an event stream for who prefers that."""
    state: State = request.app.state.gateway
    media_type = JSON
    try:
        token = bearer(request.headers.get("authorization"))
        credential = await state.authenticator.authenticate(token)
        chosen = negotiate(request)
        media_type = chosen if chosen != EVENT_STREAM else JSON
        operation = await read_operation(request, state.settings.max_body_bytes)
        if chosen == EVENT_STREAM:
            return event_stream(request, state, operation, token, credential)
        return answer(await execute(request, state, operation, credential), media_type)
    except GatewayError as error:
        return error_response(error, media_type=media_type)
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED_REQUEST)


def negotiate(request: Request) -> str:
    chosen = choose(", ".join(request.headers.getlist("accept")))
    if chosen is None:
        raise GatewayError(f"This answers with {', '.join(OFFERS)} only.", code=ErrorCode.NOT_ACCEPTABLE)
    return chosen


async def read_operation(request: Request, limit: int) -> Operation:
    if request.method == "GET":
        return from_query(request.query_params)
    if not is_json(request.headers.get("content-type")):
        raise GatewayError(
            "The Content-Type must be application/json, in UTF-8.", code=ErrorCode.UNSUPPORTED_MEDIA_TYPE
        )
    length = request.headers.get("content-length")
    return from_body(await read_body(request.receive, content_length=length, limit=limit))


async def execute(request: Request, state: State, operation: Operation, credential: Credential) -> Result:
    """Run the operation for as long as the client is there to read its result."""
    async with WhileConnected(request.receive):
        return await state.engine.execute(operation, credential, queries_only=request.method == "GET")


def answer(result: Result, media_type: str) -> Response:
    """Give the status that the media type asks for.

    Under application/json, 200 also tells that a well-formed request was refused, as the GraphQL over HTTP
    specification keeps it for older clients.
    """
    status = 200 if result.executed else status_of(result.body["errors"][0]["extensions"]["code"])
    if status == 400 and media_type == JSON:
        status = 200
    return json_response(result.encoded, status=status, media_type=media_type)


def event_stream(
    request: Request, state: State, operation: Operation, token: str, credential: Credential
) -> EventStream:
    every = state.settings.credential_cache_seconds
    return EventStream(
        state.engine.stream(operation, credential, queries_only=request.method == "GET"),
        closing=state.closing,
        refused=partial(until_refused, state.authenticator, token, credential, every=every),
        heartbeat=state.settings.heartbeat_seconds,
    )
