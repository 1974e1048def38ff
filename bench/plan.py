"""How much is measured: the whole, or a short run to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how often."""

    rounds: int = 3
    #: How long each run takes.
    seconds: float = 4.0
    warm_up: float = 1.0
    #: How often the last seat is fought for.
    last_seats: int = 50
    #: How many mails one mailing has.
    mails: int = 2_000
    events: tuple[int, ...] = (10, 100, 1_000, 10_000)
    registrations: tuple[int, ...] = (50, 500, 5_000)
    queued: tuple[int, ...] = (1_000, 10_000, 100_000)
    #: How many receivers an issue of a newsletter has, and for how many its rows are written.
    issue: int = 10_000
    receivers: tuple[int, ...] = (1_000, 4_500, 10_000, 100_000, 1_000_000)
    #: The same for lists whose people a rule names.
    by_rule: tuple[int, ...] = (1_000, 10_000, 100_000)
    #: How many people one click invites.
    called: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    #: Whether a clean environment is installed to be weighed.
    installs: bool = False


def plan_for(*, is_quick: bool, is_full: bool) -> Plan:
    """The plan that was asked for."""
    if not is_quick:
        return Plan(installs=is_full)
    return Plan(
        rounds=1,
        seconds=1.0,
        warm_up=0.3,
        last_seats=5,
        mails=500,
        events=(10, 200),
        registrations=(50, 500),
        queued=(1_000, 5_000),
        issue=1_000,
        receivers=(1_000, 25_000),
        by_rule=(1_000, 5_000),
        called=(100, 1_000),
        installs=is_full,
    )
