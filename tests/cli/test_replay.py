"""Tests wrong calls of `newswire replay`: nothing is read, and the error says what to give."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--from", "2026-03-02T09:00:00"),
            "has no zone, and a time without one is never guessed: such as 2026-03-02T",
        ),
        (("--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02 10:00"), "has no zone"),
        (("--from", "yesterday"), "'yesterday' is no time such as 2026-03-02T09:00:00Z"),
        ((), "give --last such as 6h, or --from such as 2026-03-02T09:00:00Z"),
        (("--last", "6h", "--from", "2026-03-02T09:00:00Z"), "give --last, or --from and --to"),
        (("--last", "6h", "--diff", "--apply"), "give one of --dry-run, --diff, --into and --apply"),
        (("--last", "6h", "--category", "sport"), "--category sport: there is no such category"),
        (("--last", "6h", "--into", "news"), "--into news names the live topics"),
        (("--resume", "r1", "--last", "6h"), "--resume goes on with a replay as it was called"),
    ],
)
def test_a_wrong_call_is_refused_with_what_to_give(arguments, message, run_newswire):
    status, out, err = run_newswire("replay", *arguments)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())
