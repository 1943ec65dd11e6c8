"""Why an item is refused: a bounded code (metric label, dead-letter header) and a sentence for people.

What a command may raise to end with one plain sentence and exit status 1.
"""

from enum import StrEnum


class Reason(StrEnum):
    """The `error-code` of a dead letter (contract, section 2)."""

    UNKNOWN_FORMAT = "unknown-format"
    MALFORMED = "malformed"
    ENCODING = "encoding"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    EMPTY = "empty"
    MISSING_FIELD = "missing-field"
    MISSING_SOURCE = "missing-source"
    TEST_ITEM = "test-item"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    INTERNAL = "internal"


class Reject(Exception):  # noqa: N818 - it is a decision, not a fault
    """The only exception the core may raise: the item is refused for `reason`; `message` says what and where."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class WorkFailed(Exception):  # noqa: N818 - the work failed, as the contract calls exit status 1
    """The call was right, the work failed. The message is one sentence that says what to do."""


class Unreachable(WorkFailed):
    """Kafka does not answer: who runs for good waits for it."""
