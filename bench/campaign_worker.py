"""One worker process that writes or sends what campaigns there are: `python -m bench.campaign_worker write|send`."""

import json
import sys
import time
from collections.abc import Callable

from bench.deliver import memory
from nextevents.ground import clock
from nextevents.ground.database import transaction
from nextevents.mailing.services import campaigning
from nextevents.mailing.tasks import deliver_due
from nextevents.newsroom import queries, services
from nextevents.newsroom.tasks import expand_campaigns
from nextevents.worker import app


def write() -> float:
    """Set all campaigns in type and write their rows, as the worker's task does; the seconds that typesetting took."""
    began = time.perf_counter()
    for number in [one.id for one in campaigning.campaigns_to_expand()]:
        with transaction():
            services.set_in_type(queries.campaign_with_number(number), at=clock.now())
    typesetting = time.perf_counter() - began
    expand_campaigns()
    return typesetting


def send() -> float:
    """Send what is due."""
    deliver_due()
    return 0.0


def main() -> None:
    """Do one of the two; print seconds, those of typesetting, of work, and memory in MiB before and at most."""
    acts: dict[str, Callable[[], float]] = {"write": write, "send": send}
    act = acts[sys.argv[1]]
    began_with = memory("VmRSS")
    began, began_work = time.perf_counter(), time.process_time()
    with app.app_context():
        typesetting = act()
    seconds, work = time.perf_counter() - began, time.process_time() - began_work
    said = {"seconds": seconds, "typesetting": typesetting, "work": work}
    json.dump(said | {"memory": began_with, "peak": memory("VmHWM")}, sys.stdout)


if __name__ == "__main__":
    main()
