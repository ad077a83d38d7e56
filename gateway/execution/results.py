"""What an operation came to, encoded at most once however often it is sent."""

from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(slots=True)
class Result:
    """One response, ready for orjson. Where nothing was executed, `body` has no `data`."""

    body: dict[str, Any]
    executed: bool
    _text: str | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The response as JSON."""
        if self._text is None:
            self._text = orjson.dumps(self.body).decode()
        return self._text
