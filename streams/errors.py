"""What a command may raise to end with one plain sentence and exit status 1."""


class WorkFailed(Exception):  # noqa: N818 - the work failed, as the contract calls exit status 1
    """The call was right, the work failed. The message is one sentence that says what to do."""


class Unreachable(WorkFailed):
    """Kafka does not answer: who runs for good waits for it."""
