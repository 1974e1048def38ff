"""What organisers and colleagues do at the same moment: acts as in tests.faults.acts."""

import time
from datetime import datetime
from typing import Any

from flask import Flask

from nextevents.events import queries, rules, services
from nextevents.events.models import Invitation, Registration, State, Transfer
from nextevents.events.services import approving, seats
from nextevents.ground.database import db, transaction
from tests.faults.acts import _told
from tests.faults.ledger import Answer

PAUSE = 0.02


def _registration(number: int) -> Registration:
    return db.session.get_one(Registration, number)


def _in_rounds(app: Flask, gate: Any, numbers: list[int], act: Any) -> list[Answer]:
    answers = []
    for number in numbers:
        gate.wait(60)
        answers.append(_told(app, number, act))
    return answers


def _slow_seats() -> None:
    """Think for a moment before each seat that is taken, so that others come in between if nothing keeps them out."""
    take_seat = seats.take_seat

    def thinking(*words: Any) -> bool:
        time.sleep(PAUSE)
        return take_seat(*words)

    seats.take_seat = thinking


def approve_in_rounds(app: Flask, gate: Any, requests: list[int]) -> list[Answer]:
    """Say yes to one request per round; told is how many were approved."""
    _slow_seats()

    def approved(number: int, at: datetime) -> str:
        with transaction():
            request = _registration(number)
            found = services.approve_requests(request.event, [request], at=at)
        return f"{len(found)} {found[0].state}" if found else "0"

    return _in_rounds(app, gate, requests, approved)


def approve_in_rounds_without_guard(app: Flask, gate: Any, requests: list[int]) -> list[Answer]:
    """The control: look first whether it is a request, then say yes."""

    def approved(number: int, at: datetime) -> str:
        request = _registration(number)
        if request.state != State.REQUESTED:
            return "0"
        time.sleep(PAUSE)
        with transaction():
            approving._approve(request.event, request, at=at)  # noqa: SLF001 - past the guard on purpose
        return f"1 {request.state}"

    return _in_rounds(app, gate, requests, approved)


def accept_invitation_in_rounds(app: Flask, gate: Any, invitations: list[int]) -> list[Answer]:
    """Say yes to one invitation per round."""

    def accepted(number: int, at: datetime) -> str:
        with transaction():
            invitation = db.session.get_one(Invitation, number)
            made = services.accept_invitation(invitation, name="Ada", language="de", at=at)
        return str(made.state)

    return _in_rounds(app, gate, invitations, accepted)


def accept_invitation_in_rounds_by_looking_first(app: Flask, gate: Any, invitations: list[int]) -> list[Answer]:
    """The control: look whether there is an answer, take a seat, and write it down later."""

    def accepted(number: int, at: datetime) -> str:
        del at
        invitation = db.session.get_one(Invitation, number)
        if queries.answer_to(invitation):
            return "confirmed"
        time.sleep(PAUSE)
        with transaction():
            seats.take_seat(invitation.event)
        return "confirmed"

    return _in_rounds(app, gate, invitations, accepted)


def accept_transfer_in_rounds(app: Flask, gate: Any, transfers: list[int]) -> list[Answer]:
    """Take one seat of a colleague per round."""

    def accepted(number: int, at: datetime) -> str:
        with transaction():
            transfer = db.session.get_one(Transfer, number)
            services.accept_transfer(transfer, name="Bob", language="de", at=at)
        return "taken"

    return _in_rounds(app, gate, transfers, accepted)


def accept_transfer_in_rounds_by_looking_first(app: Flask, gate: Any, transfers: list[int]) -> list[Answer]:
    """The control: look whether the seat is there, and believe it a moment later."""

    def accepted(number: int, at: datetime) -> str:
        transfer = db.session.get_one(Transfer, number)
        if not rules.may_transfer(transfer.registration, at=at):
            return "NothingToAnswer"
        time.sleep(PAUSE)
        may_transfer, rules.may_transfer = rules.may_transfer, lambda *_, **__: True
        try:
            with transaction():
                transfer = db.session.get_one(Transfer, number)
                transfer.answered_at = None
                services.accept_transfer(transfer, name="Bob", language="de", at=at)
        finally:
            rules.may_transfer = may_transfer
        return "taken"

    return _in_rounds(app, gate, transfers, accepted)
