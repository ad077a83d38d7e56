"""The process: command line, ASGI application, transports, execution, authentication, telemetry, settings."""
