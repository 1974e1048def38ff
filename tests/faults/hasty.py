"""A control: the pages of NExTevents, but whoever registers is answered first and written down afterwards."""

import threading
import time
from collections.abc import Callable

from flask import copy_current_request_context

from nextevents.events.views import registering
from nextevents.wsgi import app

__all__ = ["app"]


def answered_first(unit: Callable[[], object]) -> registering.Places:
    """Do it in a moment, and say now that it is done."""

    @copy_current_request_context
    def later() -> None:
        time.sleep(0.2)
        unit()

    threading.Thread(target=later).start()
    return registering.Places(has_seat=True, proof=0)


registering.attempted_twice = answered_first
