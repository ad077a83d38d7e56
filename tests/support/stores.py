"""The stores that tests run over, by their addresses and processes."""

from dataclasses import dataclass

from gateway.embedded.store import Store


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of this worker. `mongodb.pid` and `redis.pid` are the servers' own, to stop and continue them."""

    mongodb: Store
    redis: Store

    @property
    def mongodb_uri(self) -> str:
        return self.mongodb.address

    @property
    def redis_url(self) -> str:
        return self.redis.address
