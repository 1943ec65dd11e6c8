"""Defines the errors that cross modules: prepare refuses an item (`Reject`), or a command fails (`WorkFailed`)."""

from enum import StrEnum


class Reason(StrEnum):
    """The `error-code` of a dead letter, also a metric label (schemas/README.md, section 2)."""

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
    """Prepare refuses an item for `reason`; `message` is a sentence for people that says what is wrong and where."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class WorkFailed(Exception):  # noqa: N818 - the work failed: exit status 1
    """A command was called correctly, but its work failed. The message is one sentence that says what to do."""


class LogReplacedError(WorkFailed):
    """The log ends before the records that the state has. A restart does not mend it."""


class Unreachable(WorkFailed):
    """Kafka does not answer. A service waits for it; a command fails."""
