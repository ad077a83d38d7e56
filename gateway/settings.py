"""Every setting of the process, read from the environment once, at the start."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is set by `GATEWAY_` and its name in upper case; the README's table is made from here."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    data_dir: Path = Field(Path("data"), description="Where embedded stores, logs, caches and the development key live")

    mongodb_uri: SecretStr | None = Field(None, description="MongoDB of `serve`; without one `run` starts its own")
    mongodb_database: str = Field("profile_gateway", description="Name of the database")
    mongodb_driver: Literal["motor", "pymongo"] = Field("motor", description="Driver: `motor` or `pymongo`")
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey of `serve`; without one `run` starts its own"
    )
    store_timeout: float = Field(3.0, gt=0, description="Seconds that one command to a store may take")

    workspace: str = Field("demo", description="Workspace of the development key and the demo data")
    demo_data: str = Field("ecom", description="Data set that `run` loads on first start; empty for none")
    online_window: timedelta = Field(timedelta(minutes=5), description="Seconds after an activity that count as online")

    oidc_issuer: str | None = Field(None, description="OpenID Connect issuer whose tokens are accepted")
    oidc_audience: str | None = Field(None, description="Audience that a token must name; required with an issuer")
    oidc_jwks_uri: str | None = Field(None, description="Address of the issuer's keys; discovered when not given")
    oidc_workspace_claim: str = Field("workspace", description="Claim that holds the workspace")
    oidc_scope_claim: str = Field("scope", description="Claim that holds the scopes: a list, or text with spaces")
    credential_cache_seconds: float = Field(
        5.0, ge=0, description="Seconds until a revoked key stops working everywhere"
    )

    max_body_bytes: int = Field(262_144, gt=0, description="Largest request body and WebSocket message")
    max_tokens: int = Field(2_000, gt=0, description="Most tokens in a document")
    max_depth: int = Field(16, gt=0, description="Deepest nesting of fields")
    max_aliases: int = Field(30, gt=0, description="Most aliases in an operation, its fragments counted at each use")
    max_directives: int = Field(50, gt=0, description="Most directives in an operation, counted likewise")
    max_fields: int = Field(2_000, gt=0, description="Most fields in an operation, counted likewise")
    operation_timeout: float = Field(10.0, gt=0, description="Seconds until an operation is cancelled")
    document_cache: int = Field(512, gt=0, description="Parsed and validated documents to keep")
    socket_init_timeout: float = Field(5.0, gt=0, description="Seconds a WebSocket may wait with connection_init")
    socket_max_operations: int = Field(50, gt=0, description="Most operations at a time on one WebSocket")
    shutdown_grace: float = Field(10.0, gt=0, description="Seconds that running work gets after SIGTERM")

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of browsers that may call the API, separated by commas"
    )
    graphiql: bool = Field(True, description="Whether /graphiql is served")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level to log")
    log_format: Literal["json", "console"] = Field("console", description="`json` for machines, `console` for people")
    otel_endpoint: str | None = Field(None, description="OTLP/HTTP collector for traces, such as http://localhost:4318")
