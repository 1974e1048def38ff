"""Room on the disk: what would take some is refused while there is enough left for everything else (guarantee G18)."""

import shutil
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import make_url

from .errors import Refusal

MEGABYTE = 1_000_000


class DiskNearlyFull(Refusal):
    """Files would take the room that registrations and mails need."""

    def sentence(self) -> str:
        """Say what does not go, and that all else does."""
        return _(
            "Auf dem Server ist kaum noch Platz. Dateien gehen deshalb gerade nicht, alles andere schon."
            " Bitte sagen Sie der Geschäftsstelle Bescheid und versuchen Sie es später noch einmal."
        )


def require_room() -> None:
    """Raise DiskNearlyFull if less than KEEP_FREE_MB is free where the data folder or the embedded database lies.

    A database on another machine keeps watch by itself.
    """
    least = current_app.config["KEEP_FREE_MB"]
    for place in _places():
        free = shutil.disk_usage(place).free // MEGABYTE
        if free < least:
            current_app.logger.warning("files are refused: %s MB are free, KEEP_FREE_MB is %s", free, least)
            raise DiskNearlyFull


def _places() -> set[Path]:
    database = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    files = [Path(database.database)] if database.drivername.startswith("sqlite") and database.database else []
    return {_standing(place) for place in (current_app.config["DATA"], *files)}


def _standing(path: Path) -> Path:
    """The nearest folder above a file that is there already, or the folder itself."""
    return next(one for one in (path, *path.absolute().parents) if one.is_dir())
