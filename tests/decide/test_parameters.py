from streams.config.settings import Settings
from streams.decide.parameters import DecideParams


def test_the_parameters_come_from_the_settings() -> None:
    params = DecideParams.from_settings(Settings())
    assert (params.window, params.memory) == (72 * 3_600_000, 32 * 86_400_000)
    assert params.log_topic == "news.internal.items"
