"""Sending at once writes what the awaited way would."""

import pytest
from websockets.frames import Frame, Opcode

from gateway.transports.direct_socket import header


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 300_000])
def test_a_frame_is_the_library_s_own(length: int) -> None:
    text = b"x" * length
    assert header(length) + text == Frame(Opcode.TEXT, text).serialize(mask=False)
