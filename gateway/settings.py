"""Every setting of the process, read from the environment once, at the start."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from storage.contacts import known_region


def require_secure(url: str) -> str:
    """Return `url` if it is https, or http on this machine; raises `ValueError` otherwise.

    Keys are fetched from it, and whoever can change them on the way can sign any token.
    """
    parsed = urlsplit(url)
    host = parsed.hostname or ""
    if not host or not (parsed.scheme == "https" or (parsed.scheme == "http" and is_loopback(host))):
        raise ValueError("must be an https:// address; http:// is only for this machine, such as http://localhost:8080")
    return url


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


SecureUrl = Annotated[str, AfterValidator(require_secure)]
Region = Annotated[str, AfterValidator(known_region)]


class Settings(BaseSettings):
    """Each field is set by `GATEWAY_` and its name in upper case; the README's table is made from here."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    data_dir: Path = Field(Path("data"), description="Where embedded stores, logs, caches and the development key live")

    mongodb_uri: SecretStr | None = Field(None, description="MongoDB of `serve`; without one `run` starts its own")
    mongodb_database: str = Field("profile_gateway", description="Name of the database")
    mongodb_driver: Literal["motor", "pymongo"] = Field("motor", description="Driver: `motor` or `pymongo`")
    embedded_store: Literal["auto", "mongod", "secantusd-rs", "packaged"] = Field(
        "auto", description="MongoDB that `run` starts: `mongod`, `secantusd-rs`, `packaged`, or the first that fits"
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey of `serve`; without one `run` starts its own"
    )
    store_timeout: float = Field(3.0, gt=0, description="Seconds that one command to a store may take")

    workspace: str = Field("demo", description="Workspace of the development key and the demo data")
    demo_data: Literal["", "ecom", "cdnow"] = Field(
        "ecom", description="Data set that `run` loads on first start: `ecom`, `cdnow`; empty for none"
    )
    online_window: float = Field(300.0, gt=0, description="Seconds after an activity that count as online")

    idempotency_hours: float = Field(24.0, gt=0, description="Hours for which a retry gets its first answer")
    phone_region: Region | None = Field(
        None, description="Country, such as NO, of phone numbers without a country code; none refuses them"
    )

    workers: bool = Field(True, description="Whether `run` and `serve` work on jobs, such as imports, themselves")
    job_lease_seconds: float = Field(
        30.0, gt=0, description="Seconds without a sign of life after which a job is taken from its process"
    )

    public_url: str = Field(
        "", description="Address by which persons reach the gateway, for confirmation links; `run` knows its own"
    )
    signing_secret: SecretStr | None = Field(
        None, min_length=32, description="Secret that signs confirmation links; `run` makes its own"
    )
    confirmation_days: float = Field(7.0, gt=0, description="Days for which a confirmation link counts")

    oidc_issuer: SecureUrl | None = Field(None, description="OpenID Connect issuer whose tokens are accepted")
    oidc_audience: str | None = Field(
        None, validate_default=True, description="Audience that a token must name; required with an issuer"
    )
    oidc_jwks_uri: SecureUrl | None = Field(None, description="Address of the issuer's keys; discovered when not given")
    oidc_workspace_claim: str = Field("workspace", description="Claim that holds the workspace")
    oidc_scope_claim: str = Field("scope", description="Claim that holds the scopes: a list, or text with spaces")
    credential_cache_seconds: float = Field(
        5.0, ge=0, description="Seconds until a revoked key stops working everywhere"
    )

    max_body_bytes: int = Field(262_144, gt=0, description="Largest request body and WebSocket message")
    max_ingest_bytes: int = Field(67_108_864, gt=0, description="Largest body of `/ingest/events`, unpacked as well")
    max_event_bytes: int = Field(65_536, gt=0, description="Largest event in such a body")
    max_length: int = Field(20_000, gt=0, description="Most characters in a document")
    max_tokens: int = Field(1_000, gt=0, description="Most tokens in a document")
    max_depth: int = Field(16, gt=0, description="Deepest nesting of fields")
    max_aliases: int = Field(30, gt=0, description="Most aliases in an operation, its fragments counted at each use")
    max_directives: int = Field(50, gt=0, description="Most directives in an operation, counted likewise")
    max_fields: int = Field(2_000, gt=0, description="Most fields in an operation, counted likewise")
    max_values: int = Field(10_000, gt=0, description="Most values in an operation's variables, nested ones counted")
    operation_timeout: float = Field(10.0, gt=0, description="Seconds until an operation is cancelled")
    document_cache: int = Field(512, gt=0, description="Parsed and validated documents to keep")
    compiler: bool = Field(True, description="Whether operations are compiled; without it graphql-core executes them")
    socket_init_timeout: float = Field(5.0, gt=0, description="Seconds a WebSocket may wait with connection_init")
    socket_max_operations: int = Field(50, gt=0, description="Most operations at a time on one WebSocket")
    max_subscriptions: int = Field(1_000, gt=0, description="Most subscriptions at a time of one credential")
    subscription_queue: int = Field(256, gt=0, description="Messages that may wait for a slow subscriber")
    live_sweep_seconds: float = Field(2.0, gt=0, description="Seconds between looks for activity whose hint was lost")
    heartbeat_seconds: float = Field(12.0, gt=0, description="Seconds between signs of life on streams and sockets")
    slow_client_seconds: float = Field(30.0, gt=0, description="Seconds a WebSocket client may leave messages unread")
    shutdown_grace: float = Field(10.0, gt=0, description="Seconds that running work gets after SIGTERM")

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of browsers that may call the API, separated by commas"
    )
    graphiql: bool = Field(True, description="Whether /graphiql is served")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level to log")
    log_format: Literal["json", "console"] = Field("console", description="`json` for machines, `console` for people")
    otel_endpoint: str | None = Field(None, description="OTLP/HTTP collector for traces, such as http://localhost:4318")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("oidc_audience")
    @classmethod
    def _required_with_issuer(cls, audience: str | None, info: ValidationInfo) -> str | None:
        """Refuse an issuer alone: without an audience, its tokens for any other service would be let in here."""
        if info.data.get("oidc_issuer") and not audience:
            raise ValueError("required with GATEWAY_OIDC_ISSUER: the audience that tokens must name")
        return audience
