"""The process: settings, ASGI application, authentication, limits, transports, telemetry, command line."""
