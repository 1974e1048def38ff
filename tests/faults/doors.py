"""What people at the door do at the same moment: acts in processes of their own (see acts.py)."""

from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from nextevents.events import services
from nextevents.events.models import Registration
from nextevents.ground.database import db, transaction
from nextevents.people.models import Person
from tests.faults.instance import event_of


def scan_in_rounds(
    app: Flask, gate: Any, event: int, registrations: list[int], device: int, moments: list[datetime]
) -> list[bool]:
    """Scan one after the other, each at the same moment as the other devices; gives which of them were news."""
    with app.app_context():
        return [
            _scanned(gate, event, services.Seen(f"{device:016x}{number:016x}", number, moment), moments[-1])
            for number, moment in zip(registrations, moments, strict=True)
        ]


def sync_in_rounds(app: Flask, gate: Any, event: int, registrations: list[int], at: datetime) -> list[bool]:
    """The same scan, sent by everybody at the same moment: an answer that was lost again and again."""
    with app.app_context():
        return [_scanned(gate, event, services.Seen(f"{number:032x}", number, at), at) for number in registrations]


def _scanned(gate: Any, event: int, seen: services.Seen, at: datetime) -> bool:
    gate.wait(60)
    with transaction():
        office = db.session.scalars(select(Person).limit(1)).one()
        (synced,) = services.sync_scans(event_of(event), [seen], by=office, at=at)
    assert synced.refusal == ""
    return synced.is_news


def press_in_rounds(app: Flask, gate: Any, registrations: list[int], at: datetime) -> list[bool]:
    """Press the button of one person after the other, each at the same moment as the others."""
    with app.app_context():
        return [_pressed(gate, number, at) for number in registrations]


def _pressed(gate: Any, number: int, at: datetime) -> bool:
    gate.wait(60)
    with transaction():
        return services.check_in(db.session.get_one(Registration, number), at=at)
