"""GraphiQL from our own origin: the page is ours, its libraries come from an installed package."""

from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from storage.store.errors import ErrorCode, GatewayError

STATIC = Path(__file__).parent / "static"
PACKAGE = "graphene_django_graphiql_static"
LIBRARIES = (
    "graphiql.min.css",
    "graphiql.min.js",
    "graphql-ws.min.js",
    "react-dom.production.min.js",
    "react.production.min.js",
)
PAGE = "graphiql.html"
NOT_INSTALLED = "GraphiQL is not installed here: pip install 'profile-gateway[graphiql]'."
NO_SUCH_FILE = "GraphiQL has no file of this name."
HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def graphiql_routes(package: str = PACKAGE) -> list[Route]:
    """Return the routes of the page and of every file that it names."""
    available = files(package)

    async def graphiql(request: Request) -> Response:
        path = available.get(request.path_params.get("name", PAGE))
        if path is None:
            raise GatewayError(NO_SUCH_FILE if available else NOT_INSTALLED, code=ErrorCode.NOT_FOUND)
        return FileResponse(path, headers=HEADERS)

    return [Route("/graphiql", graphiql), Route("/graphiql/{name}", graphiql)]


def files(package: str) -> dict[str, Path]:
    """Return every file that may be served, by its name; none unless the package of the libraries is installed."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return {}
    libraries = Path(spec.origin).parent / "static" / package
    return {path.name: path for path in STATIC.iterdir()} | {name: libraries / name for name in LIBRARIES}
