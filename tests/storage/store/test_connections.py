"""Connections to the stores: what can't be one is said at once, what does not answer is unavailable."""

import socket
from time import monotonic
from typing import get_args

import pytest

from storage.store.bus import Bus
from storage.store.errors import BadInputError, UnavailableError
from storage.store.mongo import Database, Driver


@pytest.mark.parametrize("driver", get_args(Driver))
@pytest.mark.parametrize("uri", ["mongodb://%zz", "mongodb://", "http://127.0.0.1"])
def test_what_is_no_uri_is_told(uri: str, driver: Driver) -> None:
    with pytest.raises(BadInputError, match="MongoDB can't be reached"):
        Database.connect(uri, name="none", driver=driver)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "127.0.0.1:6379"])
def test_what_is_no_redis_url_is_told(url: str) -> None:
    with pytest.raises(BadInputError, match="Redis can't be reached"):
        Bus.connect(url)


@pytest.mark.parametrize("driver", get_args(Driver))
async def test_a_store_that_is_away_is_unavailable(driver: Driver) -> None:
    away = Database.connect("mongodb://127.0.0.1:1", name="none", driver=driver, timeout=0.2)

    async def ping(_: object) -> None:
        await away.ping()

    for call in (away.ping(), away.find("profiles", {}), away.transaction(ping)):
        with pytest.raises(UnavailableError):
            await call
    await away.close()


async def test_a_bus_that_is_away_loses_hints_and_says_so() -> None:
    away = Bus.connect("redis://127.0.0.1:1", timeout=0.2)
    assert await away.hint({"profile:0": "1"}) is False
    with pytest.raises(UnavailableError):
        await away.ping()
    await away.close()


async def test_a_bus_that_hangs_holds_up_no_write() -> None:
    """A server that is stopped still takes connections, and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hung = Bus.connect(f"redis://127.0.0.1:{listener.getsockname()[1]}")
        begun = monotonic()
        assert await hung.hint({f"profile:{number}": "1" for number in range(100)}) is False
        assert monotonic() - begun < 2
        await hung.close()
