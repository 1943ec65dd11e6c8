"""Raw records by their positions, for who looks at one item: a retry, `dead-letters show`, `why`."""

from collections.abc import Iterable
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config import Settings
from streams.model import RawPosition
from streams.shell.client import started
from streams.shell.reading import reader

READ_MS = 3000


class Original(NamedTuple):
    """A raw record: headers and bytes, as they came."""

    headers: tuple[tuple[str, bytes], ...]
    body: bytes

    @property
    def origin(self) -> str:
        """The file or address it came from; empty where the feeder named none."""
        return dict(self.headers).get("origin", b"").decode("utf-8", "replace")


async def originals(settings: Settings, places: Iterable[RawPosition]) -> dict[RawPosition, Original]:
    """Those that are still there."""
    found: dict[RawPosition, Original] = {}
    async with started(reader(settings.kafka), settings.kafka) as consumer:
        for place in sorted(set(places)):
            if (original := await _at(consumer, *place)) is not None:
                found[place] = original
    return found


async def _at(consumer: AIOKafkaConsumer, topic: str, partition: int, offset: int) -> Original | None:
    place = TopicPartition(topic, partition)
    consumer.assign([place])
    first, end = (await consumer.beginning_offsets([place]))[place], (await consumer.end_offsets([place]))[place]
    if not first <= offset < end:
        return None
    consumer.seek(place, offset)
    for row in (await consumer.getmany(place, timeout_ms=READ_MS, max_records=1)).get(place, ()):
        if row.offset == offset:
            return Original(tuple((name, value or b"") for name, value in row.headers), row.value or b"")
    return None
