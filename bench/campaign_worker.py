"""One worker process that writes and sends what campaigns there are: `python -m bench.campaign_worker write|send`."""

import json
import sys
import time
from collections.abc import Callable

from sqlalchemy import Select, literal, select

from bench.deliver import memory
from nextevents.ground import clock
from nextevents.ground.database import transaction
from nextevents.mailing import services
from nextevents.mailing.models import Delivery, Mailbox, Subscription, SubscriptionState
from nextevents.mailing.tasks import deliver_due
from nextevents.worker import app


def receivers_of(list_id: int) -> Select[int, str, str, str]:
    """Everybody on a list, with a name to be greeted by."""
    is_on_it = (
        Subscription.list_id == list_id,
        Subscription.state == SubscriptionState.ACTIVE,
        Subscription.delivery != Delivery.PAUSED,
        Mailbox.suspended_at.is_(None),
    )
    columns = (Mailbox.id.label("mailbox_id"), Mailbox.address, literal("de").label("variant"), Mailbox.name)
    return select(*columns).join(Subscription, Subscription.mailbox_id == Mailbox.id).where(*is_on_it)


def write() -> None:
    """Write the rows of all campaigns."""
    for campaign in services.campaigns_to_expand():
        is_more = True
        while is_more:
            with transaction():
                is_more = services.expand_portion(campaign.id, receivers_of(campaign.list_id), at=clock.now())


def main() -> None:
    """Do one of the two; print seconds, seconds of work, and memory in MiB before and at most."""
    acts: dict[str, Callable[[], object]] = {"write": write, "send": deliver_due}
    act = acts[sys.argv[1]]
    began_with = memory("VmRSS")
    began, began_work = time.perf_counter(), time.process_time()
    with app.app_context():
        act()
    seconds, work = time.perf_counter() - began, time.process_time() - began_work
    json.dump({"seconds": seconds, "work": work, "memory": began_with, "peak": memory("VmHWM")}, sys.stdout)


if __name__ == "__main__":
    main()
