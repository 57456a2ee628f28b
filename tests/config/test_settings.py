"""Settings build the values that the rooms are handed: what is set arrives, what is not is as usual."""

from datetime import timedelta

from outreach.config import DispatchConfig
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import ObstacleLimits
from outreach.sending.volume import VolumeLimits

USUAL = Dispatching()


def test_what_nobody_sets_is_as_usual() -> None:
    settings = DispatchConfig()

    assert settings.dispatching(longest_call=USUAL.longest_call) == USUAL
    assert settings.obstacle_limits == ObstacleLimits()
    assert settings.volume_limits == VolumeLimits()


def test_what_is_set_arrives() -> None:
    settings = DispatchConfig(
        batch=7,
        workers=3,
        lease=timedelta(minutes=9),
        margin=timedelta(seconds=8),
        spread=timedelta(minutes=5),
        input_lag_limit=timedelta(minutes=4),
        clock_skew_limit=timedelta(seconds=6),
        volume_least=11,
        volume_factor=2,
        dry_run=True,
        allowed=frozenset({"+13125550199"}),
    )

    assert settings.dispatching(longest_call=timedelta(seconds=12)) == Dispatching(
        batch=7,
        workers=3,
        lease=timedelta(minutes=9),
        longest_call=timedelta(seconds=12),
        margin=timedelta(seconds=8),
        spread=timedelta(minutes=5),
        dry_run=True,
        allowed=frozenset({"+13125550199"}),
    )
    assert settings.obstacle_limits == ObstacleLimits(
        input_lag=timedelta(minutes=4), clock_skew=timedelta(seconds=6)
    )
    assert settings.volume_limits == VolumeLimits(least=11, factor=2)
