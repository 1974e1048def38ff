"""More visitors at once than there are seats."""

from functools import partial
from statistics import median

from sqlalchemy import func, select

from bench import load, seed
from bench.plan import Plan
from bench.report import Report, Row
from bench.servers import Instance, Web
from bench.visits import Visits, registering
from nextevents.events.models import Event, Registration
from nextevents.ground.database import db

BURST, BURST_SEATS, BURST_SECONDS = 600, 400, 6.0
FIGHTERS = 8


def measure(instance: Instance, web: Web, plan: Plan, report: Report) -> None:
    """A burst for many seats, then fights for the last one."""
    _measure_burst(instance, web, plan, report)
    _measure_last_seat(instance, web, plan, report)


def _measure_burst(instance: Instance, web: Web, plan: Plan, report: Report) -> None:
    runs = [_burst(instance, web, f"ansturm-{number}") for number in range(plan.rounds)]
    seconds = [run.seconds for run, _, _ in runs]
    exact = all(
        (visits.seated, visits.waiting, seats) == (BURST_SEATS, BURST - BURST_SEATS, BURST_SEATS)
        for _, visits, seats in runs
    )
    _, visits, seats = runs[0]
    report.rows.append(
        Row(
            what=f"{BURST} new visitors at once for {BURST_SEATS} seats",
            target=f"{BURST_SEATS} in, all told within {BURST_SECONDS:.0f} s, no error",
            measured=f"{seats} in, {visits.seated} + {visits.waiting} told in {median(seconds):.1f} s, "
            f"{sum(visits.lost for _, visits, _ in runs)} errors",
            is_met=exact and median(seconds) <= BURST_SECONDS,
            peers="pretix 272 s, 322 not told; Indico 150 s",
            figures={"seconds": seconds, "longest request": [max(run.waits) for run, _, _ in runs]},
        )
    )


def _burst(instance: Instance, web: Web, slug: str) -> tuple[load.Load, Visits, int]:
    seed.add_event(instance, slug, capacity=BURST_SEATS)
    visits = Visits()
    run = load.drive(web.port, [registering(web.port, slug, number, visits) for number in range(BURST)], at_once=BURST)
    return run, visits, _seats_held(instance, slug)


def _seats_held(instance: Instance, slug: str) -> int:
    """The seats that registrations hold; the event's own count must say the same."""
    held = select(func.count()).where(Registration.event_id == Event.id, Registration.has_seat).scalar_subquery()
    with instance.app.app_context():
        counted, taken = db.session.execute(select(held, Event.seats_taken).where(Event.slug == slug)).one()
    assert counted == taken, f"{counted} seats are held and {taken} counted"
    return int(counted)


def _measure_last_seat(instance: Instance, web: Web, plan: Plan, report: Report) -> None:
    outcomes = [_last_seat(instance, web, f"letzter-{number}") for number in range(plan.last_seats)]
    once = outcomes.count((1, 1, FIGHTERS - 1))
    report.rows.append(
        Row(
            what=f"last seat, {FIGHTERS} visitors, {plan.last_seats} rounds",
            target="sold once each time",
            measured=f"sold once in {once} of {plan.last_seats}",
            is_met=once == plan.last_seats,
            peers="pretix once in 5 of 6, Indico twice in 9 of 12",
        )
    )


def _last_seat(instance: Instance, web: Web, slug: str) -> tuple[int, int, int]:
    """How many seats are held, how many visitors were told of one, and how many that they wait."""
    seed.add_event(instance, slug, capacity=1)
    visits = Visits()
    visit = partial(registering, web.port, slug, visits=visits)
    load.drive(web.port, [visit(number) for number in range(FIGHTERS)], at_once=FIGHTERS)
    return _seats_held(instance, slug), visits.seated, visits.waiting
