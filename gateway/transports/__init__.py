"""How operations come in and results go out: HTTP, server-sent events, WebSocket, and the page to try them."""
