"""What PostgreSQL can do at all: pgbench taking seats, one durable statement each."""

import re
import subprocess
from pathlib import Path

from bench.servers import Ground

DATABASE = "pgbench"
TABLES = """\
create table seats (id int primary key, capacity int not null, taken int not null check (taken <= capacity));
create table taker (id bigserial primary key, seats_id int not null, name text, email text, state text);
insert into seats values (1, 1000000000, 0);
"""
SEAT = """\
with seat as (update seats set taken = taken + 1 where id = 1 and taken < capacity returning id)
insert into taker (seats_id, name, email, state)
select id, 'Ada Beispiel', 'ada.beispiel@stadt.example', 'confirmed' from seat;
"""


class Pgbench:
    """Clients that take a seat at one event, again and again."""

    def __init__(self, ground: Ground) -> None:
        """Make the tables."""
        self._postgresql = ground.postgresql
        self._script = ground.folder / "seat.sql"
        self._script.write_text(SEAT)
        tables = ground.folder / "tables.sql"
        tables.write_text(TABLES)
        self._postgresql.create_database(DATABASE)
        self._run(tables, "--transactions=1")

    def rate(self, *, clients: int, seconds: float) -> float:
        """Seats taken a second by so many clients at once."""
        options = ["--protocol=prepared", f"--client={clients}", f"--jobs={min(clients, 2)}"]
        said = self._run(self._script, *options, f"--time={max(1, round(seconds))}")
        found = re.search(r"tps = ([\d.]+)", said)
        assert found, said
        return float(found[1])

    def _run(self, script: Path, *options: str) -> str:
        server = f"--host={self._postgresql.socket_folder}"
        command = [str(self._postgresql.program("pgbench")), "--no-vacuum", server, "--username=postgres"]
        done = subprocess.run(
            [*command, *options, f"--file={script}", DATABASE], check=True, capture_output=True, text=True
        )
        return done.stdout
