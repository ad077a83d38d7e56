"""The data directory of an all-in-one gateway: one process at a time, and the secrets that it keeps."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import OperatorError
from storage.api_keys import new_token, token_prefix


class DataDirError(OperatorError):
    """The data directory cannot be used."""


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the directory, made when it is missing; the kernel lets go of it however the process ends."""
    file = data_dir / "lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = file.open("a+")
    except OSError as error:
        raise DataDirError(
            f"Cannot write to the data directory {data_dir}: {error.strerror}. Set GATEWAY_DATA_DIR (--data-dir)."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DataDirError(
                f"Another gateway (process {lock.read().strip()}) runs on the data directory {data_dir}. "
                "Stop it first, or set GATEWAY_DATA_DIR (--data-dir) to another directory."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def development_key(data_dir: Path) -> str:
    """Return the token in the file `dev-key`, which only its owner may read; made on the first start."""
    file = data_dir / "dev-key"
    token = kept_secret(file, new_token)
    if token_prefix(token) is None:
        raise DataDirError(f"The file {file} holds no API key. Delete it, and the next start makes a new one.")
    return token


def signing_secret(data_dir: Path) -> str:
    """Return what signs confirmation links, from the file `signing-secret`; made on the first start."""
    return kept_secret(data_dir / "signing-secret", secrets.token_urlsafe)


def kept_secret(file: Path, make: Callable[[], str]) -> str:
    """Return the text of a file that only its owner may read; made, whole or not at all, when it is missing."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        secret = make()
        complete = file.with_suffix(".new")
        complete.unlink(missing_ok=True)
        complete.touch(mode=0o600)
        complete.write_text(f"{secret}\n")
        complete.replace(file)
        return secret
