"""The one kind of exception that a command shows as a sentence and ends with."""


class OperatorError(Exception):
    """Something that the person who started the process can put right; the message says how."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
