"""How date polls are said: times, wishes, what clashes, and how the votes stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _

from ..ground import clock
from ..people.models import Person
from . import queries, showing
from .models import Event, Poll, PollOption, Vote, Voter, VotesShown, Wish

#: More clashes are only counted.
FEW = 2


def option_label(option: PollOption) -> str:
    """Mittwoch, 2. Dezember 2026, 14 bis 15.30 Uhr (MEZ)."""
    return showing.span_label(option.starts_local, option.ends_local, option.starts_at)


def short_label(option: PollOption) -> str:
    """Mi., 2.12., 14:00."""
    return format_datetime(option.starts_local, "E, d.M., HH:mm", rebase=False)


def deadline_label(poll: Poll) -> str:
    """Until when one can vote; a deadline at midnight is said as the day that it ends."""
    wall = clock.local(poll.closes_at)
    if (wall.hour, wall.minute) != (0, 0):
        return showing.time_label(poll.closes_at)
    return _("%(day)s, 24 Uhr", day=showing.day_label(last_day(poll)))


def last_day(poll: Poll) -> date:
    """The last day on which one can vote."""
    return (clock.local(poll.closes_at) - timedelta(microseconds=1)).date()


def wish_word(wish: Wish) -> str:
    """How a time suits."""
    return {Wish.YES: _("ja"), Wish.IF_NEED_BE: _("zur Not"), Wish.NO: _("nein")}[wish]


def shown_words(shown: VotesShown) -> str:
    """Who sees the votes, as a sentence."""
    return {
        VotesShown.EVERYBODY: _("Die Stimmen sehen alle, die den Link zur Umfrage haben, mit Namen."),
        VotesShown.VOTERS: _("Die Stimmen sehen alle, die selbst abgestimmt haben, mit Namen."),
        VotesShown.ORGANISERS: _("Die Stimmen sehen nur die Leitungen der Community."),
    }[shown]


def clash_hints(options: Sequence[PollOption], person: Person | None = None) -> dict[int, str]:
    """What else takes place at each time, by the time's number; with what this person is registered for."""
    own = queries.own_near(person, options) if person else [[] for _one in options]
    others = queries.others_near(options)
    return {
        option.id: clash_hint(at_once, same_day, mine)
        for option, (at_once, same_day), mine in zip(options, others, own, strict=True)
    }


def clash_hint(at_once: Sequence[Event], same_day: Sequence[Event], own: Sequence[Event] = ()) -> str:
    """What else takes place then, in one line; empty if nothing does."""
    parts = (
        (_("Sie sind dann angemeldet: %(titles)s."), own),
        (_("Zur selben Zeit: %(titles)s."), [one for one in at_once if one not in own]),
        (_("Am selben Tag: %(titles)s."), [one for one in same_day if one not in own]),
    )
    return " ".join(words % {"titles": _titles(events)} for words, events in parts if events)


def _titles(events: Sequence[Event]) -> str:
    named = ", ".join(f"„{one.title}“" for one in events[:FEW])
    more = len(events) - FEW
    if more <= 0:
        return named
    return ngettext("%(named)s und %(num)s weiterer Termin", "%(named)s und %(num)s weitere Termine", more, named=named)


@dataclass(frozen=True)
class Standing:
    """How a time stands: counts, and the parts of its bar in percent of all who have voted."""

    option: PollOption
    label: str
    yes: int
    if_need_be: int
    no: int
    yes_share: float
    if_need_be_share: float
    is_best: bool
    hint: str = ""

    @property
    def words(self) -> str:
        """The same as a sentence, for those who do not see the bar."""
        return _("%(yes)s ja, %(maybe)s zur Not, %(no)s nein", yes=self.yes, maybe=self.if_need_be, no=self.no)


def standings(
    poll: Poll, tally: Mapping[int, Mapping[Wish, int]], voted: int, hints: Mapping[int, str] | None = None
) -> list[Standing]:
    """All times, the best first: most yes, then most yes and if need be together, then the earliest."""
    hints = hints or {}
    in_order = sorted(poll.options, key=lambda one: (*_rank(tally[one.id]), one.starts_at))
    best = _rank(tally[in_order[0].id]) if in_order else (0, 0)
    return [_standing(one, tally[one.id], voted, best, hints.get(one.id, "")) for one in in_order]


def _rank(counts: Mapping[Wish, int]) -> tuple[int, int]:
    return -counts[Wish.YES], -counts[Wish.YES] - counts[Wish.IF_NEED_BE]


def _standing(option: PollOption, counts: Mapping[Wish, int], voted: int, best: tuple[int, int], hint: str) -> Standing:
    yes, if_need_be = counts[Wish.YES], counts[Wish.IF_NEED_BE]
    return Standing(
        option=option,
        label=option_label(option),
        yes=yes,
        if_need_be=if_need_be,
        no=counts[Wish.NO],
        yes_share=round(100 * yes / max(voted, 1), 1),
        if_need_be_share=round(100 * if_need_be / max(voted, 1), 1),
        is_best=yes + if_need_be > 0 and _rank(counts) == best,
        hint=hint,
    )


@dataclass(frozen=True)
class VoterRow:
    """What one voter said, in the order of the times shown; None where nothing was said."""

    name: str
    comment: str
    wishes: list[Wish | None]


def voter_rows(voters: Iterable[Voter], options: Sequence[PollOption]) -> list[VoterRow]:
    """The votes as a table."""
    return [VoterRow(one.name, one.comment, _wishes(one.votes, options)) for one in voters]


def _wishes(votes: Iterable[Vote], options: Sequence[PollOption]) -> list[Wish | None]:
    said = {vote.option_id: vote.wish for vote in votes}
    return [said.get(one.id) for one in options]
