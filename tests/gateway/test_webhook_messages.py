"""Messages of webhooks: what a target gets, signatures, order, retries."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ticker_items import build_item

from streams.gateway.filters import Filter
from streams.gateway.webhook_messages import (
    GIVE_UP_SECONDS,
    DeliveryQueue,
    SentStories,
    WebhookMessage,
    format_waiting,
    parse_secrets,
    parse_waiting,
    sign_message,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MARKETS = Filter(categories=frozenset({"markets"}))


def tell(sent: SentStories, uri: str, offset: int = 0, **fields: object) -> tuple[str, bool] | None:
    """Returns type and removal of the message of a version."""
    item = build_item(uri, **fields)  # type: ignore[arg-type]
    message = sent.build_message(0, offset, item, b'{"uri": "%s"}' % uri.encode())
    return None if message is None else (json.loads(message.body)["type"], message.is_removal)


def test_a_target_gets_each_version_that_the_search_finds_and_the_end_of_what_it_has() -> None:
    sent = SentStories(MARKETS)
    assert tell(sent, "a") == ("news.item.published", False)
    assert tell(sent, "a", version=2) == ("news.item.revised", False)
    assert tell(sent, "a", version=3, categories=["sectors"]) == ("news.item.left", True)
    assert tell(sent, "a", version=4, categories=["sectors"]) is None
    assert tell(sent, "a", version=5) == ("news.item.revised", False)
    assert tell(sent, "a", version=6, withdrawn=True) == ("news.item.withdrawn", True)
    assert tell(sent, "b", categories=["sectors"]) is None
    assert tell(sent, "b", version=2, withdrawn=True) is None


def test_what_a_target_has_of_an_unknown_story_is_removed_to_be_sure() -> None:
    assert tell(SentStories(MARKETS), "a", version=2, categories=["sectors"]) == ("news.item.left", True)
    assert tell(SentStories(MARKETS), "a", version=2, withdrawn=True) == ("news.item.withdrawn", True)


def test_a_removal_has_no_word_of_the_story_and_a_restricted_item_no_text() -> None:
    headlines = [{"role": "main", "value": "H"}]
    event = {"uri": "a", "bodies": [{"role": "main", "value": "Owned."}], "headlines": headlines}
    document = json.dumps(event).encode()
    sent = SentStories(MARKETS)
    owned = sent.build_message(0, 0, build_item("a", source="reuters"), document)
    assert owned is not None
    assert json.loads(owned.body)["data"] == {"uri": "a", "headlines": headlines}
    gone = sent.build_message(0, 1, build_item("a", version=2, withdrawn=True), document)
    assert gone is not None
    assert json.loads(gone.body) == {
        "type": "news.item.withdrawn",
        "timestamp": "2026-03-02T10:00:00Z",
        "data": {"uri": "a", "version": "2"},
    }
    assert (owned.id, gone.id) == ("a/1", "a/2")


def test_a_signature_is_that_of_the_standard() -> None:
    body = b'{"test": 2432232314}'
    headers = sign_message(parse_secrets(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers == {
        "Content-Type": "application/json",
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    two = sign_message(parse_secrets(f"{SECRET}\n\n{SECRET}\n"), "m", 1, b"")
    assert len(two["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize("text", ["", "\n", "secret", "whsec_short", "whsec_AAAA", SECRET.removeprefix("whsec_")])
def test_a_secret_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        parse_secrets(text)


def message(story: str, offset: int, *, is_removal: bool = False) -> WebhookMessage:
    return WebhookMessage(f"{story}/{offset}", story, 0, offset, b"", is_removal)


def test_a_message_that_is_refused_holds_up_its_story_alone() -> None:
    queue = DeliveryQueue()
    for each in (message("bad", 1), message("bad", 2), message("good", 3)):
        queue.add(each)
    first = queue.pick(0)
    assert first is not None
    assert first.id == "bad/1"
    assert queue.fail(first, 0) is False
    assert queue.pick(0.5) is None
    second = queue.pick(1)
    assert second is not None
    assert second.id == "good/3"
    queue.succeed(second)
    assert (queue.pick(1), queue.wait(1), queue.list_offsets(0)) == (None, 4.0, [1, 2])
    again = queue.pick(5)
    assert again is not None
    queue.succeed(again)
    assert [each.id for each in iter_all(queue, 5)] == ["bad/2"]


def iter_all(queue: DeliveryQueue, now: float) -> list[WebhookMessage]:
    found = []
    while (each := queue.pick(now)) is not None:
        found.append(each)
        queue.succeed(each)
    return found


def test_after_an_outage_all_go_out_at_once_in_their_order() -> None:
    queue = DeliveryQueue()
    for offset in range(10):
        queue.add(message(f"s{offset % 4}", offset))
    now, attempts = 0.0, 0
    while now < 3600:
        if (each := queue.pick(now)) is not None:
            queue.fail(each, now)
            attempts += 1
        now += max(queue.wait(now), 0.1)
    assert 60 <= attempts <= 80
    now += 60
    heard = [each.offset for each in iter_all(queue, now)]
    assert sorted(heard) == list(range(10))
    assert all(heard.index(offset) < heard.index(offset + 4) for offset in range(6))
    assert len(queue) == 0


def test_a_message_is_given_up_after_a_day() -> None:
    queue = DeliveryQueue()
    queue.add(message("a", 1))
    now, attempts = 1.0, 0
    while (each := queue.pick(now)) is not None:
        attempts += 1
        if queue.fail(each, now):
            break
        now += queue.wait(now)
    assert GIVE_UP_SECONDS <= now - 1 <= GIVE_UP_SECONDS + 60
    assert (len(queue), queue.oldest_attempt()) == (0, None)


def test_a_withdrawal_takes_the_place_of_the_texts_that_wait() -> None:
    queue = DeliveryQueue()
    queue.add(message("a", 1))
    queue.add(message("b", 2))
    queue.add(message("a", 3, is_removal=True))
    assert [each.id for each in iter_all(queue, 0)] == ["b/2", "a/3"]


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30),
    st.lists(st.booleans(), max_size=60),
)
def test_each_message_is_taken_once_and_in_the_order_of_its_story(
    sent: list[tuple[int, bool]], answers: list[bool]
) -> None:
    queue, waiting, now, heard = DeliveryQueue(), list(enumerate(sent)), 0.0, []
    told = iter(answers)
    while waiting or len(queue):
        if waiting:
            offset, (story, _) = waiting.pop(0)
            queue.add(message(str(story), offset))
        if (each := queue.pick(now)) is not None:
            if next(told, True):
                queue.succeed(each)
                heard.append(each)
            else:
                queue.fail(each, now)
        now += max(0.1, min(5.0, queue.wait(now)))
    assert sorted(each.offset for each in heard) == list(range(len(sent)))
    for story in "0123":
        offsets = [each.offset for each in heard if each.story == story]
        assert offsets == sorted(offsets)


def test_what_waits_is_the_metadata_of_the_committed_offset() -> None:
    assert parse_waiting(format_waiting([3, 7])) == [3, 7]
    assert (parse_waiting(""), parse_waiting("x,²,4")) == ([], [4])
