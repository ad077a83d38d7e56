"""Whose data a directory holds: a note beside them, or the files that a server leaves."""

from pathlib import Path

from gateway.embedded.store import StoreError

MONGOD = "mongod"
# Gateways that used this stand-in left no note. Its successors leave a file that it does not know.
EARLIER = "secantusd-py 0.7.0b3"
LATER = "a secantusd-rs of some version"
LATER_FILE = "secantus_prepared_xacts.wt"
LONGEST_NOTE = 100


def writer_of(data_dir: Path) -> str | None:
    """Return whose data are in `data_dir/mongodb`; None when there are none.

    Raises `StoreError` when the directory cannot be read: it may have data.
    """
    try:
        names = {file.name for file in (data_dir / "mongodb").iterdir()}
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(data_dir / "mongodb", error) from error
    if not any(name.startswith("WiredTiger") for name in names):
        return None
    return noted(data_dir) or (MONGOD if "storage.bson" in names else LATER if LATER_FILE in names else EARLIER)


def noted(data_dir: Path) -> str | None:
    """Return what the note says; None when there is none, or nothing that a gateway would have written."""
    try:
        text = note_of(data_dir).read_text(errors="replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(note_of(data_dir), error) from error
    return text if text.isprintable() and 0 < len(text) <= LONGEST_NOTE else None


def note_writer(data_dir: Path, writer: str) -> None:
    """Note whose data are written from here on, whole or not at all."""
    note = note_of(data_dir)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        complete = note.with_suffix(".new")
        complete.write_text(f"{writer}\n")
        complete.replace(note)
    except OSError as error:
        raise unreadable(note, error) from error


def note_of(data_dir: Path) -> Path:
    return data_dir / "mongodb.writer"


def unreadable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path} cannot be used: {error.strerror}. Nothing was touched; see to its permissions.")
