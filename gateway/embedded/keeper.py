"""A tiny process between the gateway and one store: it ends the store when the gateway is gone, however that went.

Standard input is a pipe whose other end only the gateway holds, so the kernel reports the gateway's death as the
end of the input: on every Unix, also after `kill -9`. It imports nothing of the package, to start fast and stay small.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def end_with_parent(store: subprocess.Popen[bytes], grace: float) -> None:
    while os.read(0, 1):
        pass
    store.terminate()
    try:
        store.wait(grace)
    except subprocess.TimeoutExpired:
        store.kill()


def main() -> int:
    """`keeper.py GRACE COMMAND...` prints the store's process id and exits as the store does."""
    grace, *command = sys.argv[1:]
    store = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)  # noqa: S603 - the gateway's own command
    signal.signal(signal.SIGTERM, lambda *_: store.terminate())
    # First of all, and whoever is to read the number: the gateway may be gone already.
    threading.Thread(target=end_with_parent, args=(store, float(grace)), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), f"{store.pid}\n".encode())
    code = store.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
