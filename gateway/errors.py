"""Errors of a command, which prints their message and exits."""


class OperatorError(Exception):
    """An error that the person who started the process can correct; the message says how."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
