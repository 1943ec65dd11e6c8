"""Tests the calls of `newswire desk` that are wrong."""

import pytest

WHAT = "give URIs, or one or more of --source, --from, --to and --match"


@pytest.mark.parametrize("arguments", [(), ("urn:newswire:a:1", "--source", "a"), ("urn:newswire:a:1", "--match", "x")])
def test_a_kill_names_its_stories_or_says_how_to_find_them(arguments, run_newswire):
    status, out, err = run_newswire("desk", "kill", *arguments, "--why", "sent in error")
    assert (status, out, WHAT in err) == (2, "", True)


def test_a_pattern_that_is_none_is_a_wrong_call(run_newswire):
    status, out, err = run_newswire("desk", "kill", "--match", "(", "--why", "sent in error")
    assert (status, out) == (2, "")
    assert "'(' is no regular expression: missing ), unterminated subpattern at position 0" in err
