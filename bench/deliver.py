"""One worker process that delivers what is due, and says how long that took: `python -m bench.deliver`."""

import json
import sys
import time
from pathlib import Path

from nextevents.mailing.tasks import deliver_due
from nextevents.worker import app


def main() -> None:
    """Deliver everything; print seconds, seconds of work, and memory in MiB before and at most."""
    began_with = memory("VmRSS")
    began, began_work = time.perf_counter(), time.process_time()
    with app.app_context():
        deliver_due()
    seconds, work = time.perf_counter() - began, time.process_time() - began_work
    json.dump({"seconds": seconds, "work": work, "memory": began_with, "peak": memory("VmHWM")}, sys.stdout)


def memory(kind: str) -> float:
    """A figure of this process' memory, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(kind))


if __name__ == "__main__":
    main()
