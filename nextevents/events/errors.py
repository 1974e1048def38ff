"""Why somebody does not get in, or something cannot be changed."""

from collections.abc import Sequence

from flask_babel import gettext as _

from ..ground.errors import Refusal


class RegistrationClosed(Refusal):
    """Registration has not begun, is over, or never was."""

    def sentence(self) -> str:
        """Say that it is closed."""
        return _("Die Anmeldung zu diesem Termin ist geschlossen.")


class NotInvited(Refusal):
    """The event is for others."""

    def sentence(self) -> str:
        """Say that it is for others."""
        return _("Dieser Termin ist nicht für alle offen. Bitte melden Sie sich mit Ihrer Adresse an.")


class NotWaitingForAnswer(Refusal):
    """There is no offer to accept or decline any more."""

    def sentence(self) -> str:
        """Say that the offer has lapsed."""
        return _("Dieses Angebot gilt nicht mehr. Der Platz ist weitergegeben worden.")


class CapacityBelowTaken(Refusal):
    """Fewer seats than are taken (guarantee G2)."""

    def __init__(self, taken: int) -> None:
        super().__init__(
            _(
                "Es sind schon %(taken)s Plätze vergeben. Weniger Plätze gehen nicht, ohne jemandem abzusagen.",
                taken=taken,
            )
        )
        self.taken = taken


class SlugTaken(Refusal):
    """Another event has this address."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            _("„%(slug)s“ gehört schon zu einem anderen Termin. Bitte wählen Sie etwas anderes.", slug=slug)
        )


class SlugStays(Refusal):
    """People have the address of what is published."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            _("Der Termin ist schon veröffentlicht, deshalb bleibt seine Adresse, wie sie ist: „%(slug)s“.", slug=slug)
        )


class OutOfOwnHands(Refusal):
    """Whoever saves this could not get back in."""

    def sentence(self) -> str:
        """Say what to leave ticked."""
        return _(
            "So könnten Sie diesen Termin selbst nicht mehr verwalten. Lassen Sie eine Ihrer Communities angekreuzt."
        )


class ChangedMeanwhile(Refusal):
    """Somebody else has saved the event since the form was opened (guarantee G20)."""

    def sentence(self) -> str:
        """Say so."""
        return _("Jemand anders hat diesen Termin inzwischen geändert. Bitte vergleichen Sie beide Fassungen.")


class AlreadyOver(Refusal):
    """The event has begun or is over."""

    def sentence(self) -> str:
        """Say so."""
        return _("Dieser Termin hat schon begonnen.")


class RoomUnavailable(Refusal):
    """The conference provider does not answer, or refuses."""

    def sentence(self) -> str:
        """Say what to do."""
        return _("Der Raum antwortet gerade nicht. Bitte versuchen Sie es gleich noch einmal.")


class TooManyToHold(Refusal):
    """More times than anybody wants to have in the calendar for a poll."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _("Vormerken können wir höchstens %(most)s Zeiten. Bitte schlagen Sie weniger vor.", most=most)
        )


class NothingToAnswer(Refusal):
    """A request, an invitation or a transfer that was answered already, was withdrawn, or has run out."""

    def sentence(self) -> str:
        """Say so."""
        return _("Diese Frage ist schon beantwortet oder abgelaufen.")


class NoSeatFree(Refusal):
    """All seats are taken, and nobody said that it may be one more."""

    def sentence(self) -> str:
        """Say what would help."""
        return _("Alle Plätze sind belegt. Setzen Sie das Häkchen, wenn es trotzdem ein Platz sein soll.")


class NotYetPublic(Refusal):
    """Nobody can be written to about an event that nobody can see."""

    def sentence(self) -> str:
        """Say what to do first."""
        return _("Diesen Termin sieht noch niemand. Bitte veröffentlichen Sie ihn zuerst.")


class TooManyInvitations(Refusal):
    """More than an event may send in a day (bad input 65)."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _(
                "Es gehen höchstens %(most)s Einladungen am Tag hinaus. Bitte laden Sie die übrigen morgen ein.",
                most=most,
            )
        )


class RemindedRecently(Refusal):
    """There is nobody who may be reminded already."""

    def sentence(self) -> str:
        """Say how often one can."""
        return _("Gerade gibt es niemanden zu erinnern. Erinnert wird höchstens alle drei Tage.")


class NotTransferable(Refusal):
    """There is no sure seat to give away, or it is too late."""

    def sentence(self) -> str:
        """Say so."""
        return _("Diesen Platz kann man nicht übertragen. Das geht nur mit einem bestätigten Platz und vor dem Beginn.")


class TransferredToOneself(Refusal):
    """The seat is that person's already."""

    def sentence(self) -> str:
        """Say so."""
        return _("Diese Adresse hat den Platz schon.")


class TooManyTransfers(Refusal):
    """Enough mails for a day (bad input 65)."""

    def sentence(self) -> str:
        """Say when to try again."""
        return _("Für heute sind das genug Anfragen. Bitte versuchen Sie es morgen noch einmal.")


class AlreadyRegistered(Refusal):
    """The person has a seat at this event already."""

    def sentence(self) -> str:
        """Say so."""
        return _("Diese Person hat schon einen Platz bei diesem Termin.")


class NobodyChosen(Refusal):
    """A message without receivers."""

    def sentence(self) -> str:
        """Say so."""
        return _("Dazu passt gerade niemand. Bitte wählen Sie anders aus.")


class TooManyReminders(Refusal):
    """More rules than anybody wants mails from."""

    def __init__(self, most: int) -> None:
        super().__init__(_("Mehr als %(count)s Erinnerungen gehen nicht.", count=most))


class RemindedThen(Refusal):
    """The same people get a mail at the same moment already."""

    def sentence(self) -> str:
        """Say so."""
        return _("Zu diesem Zeitpunkt bekommen diese Personen schon eine Erinnerung.")


class NoCertificate(Refusal):
    """There is nothing to certify, or not yet."""

    def sentence(self) -> str:
        """Say who gets one."""
        return _("Eine Bescheinigung gibt es nach dem Termin, für alle, deren Teilnahme vermerkt ist.")


class NoFeedbackWanted(Refusal):
    """The event does not ask, has not ended, or ended long ago."""

    def sentence(self) -> str:
        """Say so."""
        return _("Zu diesem Termin kann man gerade keine Rückmeldung geben.")


class TooManyMaterials(Refusal):
    """More than anybody will look through."""

    def __init__(self, most: int) -> None:
        super().__init__(_("Mehr als %(count)s Unterlagen gehen nicht.", count=most))


class MaterialChangedMeanwhile(Refusal):
    """Somebody else has saved it since the form was opened (guarantee G20)."""

    def sentence(self) -> str:
        """Say so."""
        return _("Jemand anders hat das inzwischen geändert. Bitte vergleichen Sie beide Fassungen.")


class TooManyQuestions(Refusal):
    """A form that nobody fills in to its end."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _("Mehr als %(most)s Fragen füllt niemand gern aus. Bitte entfernen Sie eine andere.", most=most)
        )


class FilesNotAsked(Refusal):
    """A question for a file where none is needed, or one too many."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _(
                "Nach Dateien fragen nur Camps und Konferenzen, und höchstens %(most)s Mal. Was nicht nötig ist, "
                "sammeln wir nicht.",
                most=most,
            )
        )


class QuestionFrozen(Refusal):
    """Somebody has answered, so the answers must go on fitting to the question."""

    def __init__(self, count: int) -> None:
        super().__init__(
            _(
                "Diese Frage ist schon beantwortet (%(count)s Mal). Art und Adressaten bleiben deshalb, wie sie sind; "
                "sonst passten die Antworten nicht mehr dazu.",
                count=count,
            )
        )


class OptionsChosen(Refusal):
    """Somebody has chosen an option that is to go."""

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__(
            _(
                "Schon gewählt und deshalb nicht zu entfernen oder umzubenennen: %(options)s. Neue Antworten können "
                "Sie jederzeit ergänzen.",
                options=", ".join(options),
            )
        )


class OptionNeeded(Refusal):
    """Another question is asked only after this answer."""

    def __init__(self, question: str, answer: str) -> None:
        super().__init__(
            _(
                "Die Frage „%(question)s“ wird nur nach der Antwort „%(answer)s“ gestellt. Bitte ändern Sie zuerst "
                "dort die Bedingung.",
                question=question,
                answer=answer,
            )
        )


class QuestionNeeded(Refusal):
    """Another question is asked only after an answer to this one."""

    def __init__(self, question: str) -> None:
        super().__init__(
            _(
                "Von dieser Frage hängt eine andere ab: „%(question)s“. Bitte ändern oder entfernen Sie jene zuerst.",
                question=question,
            )
        )


class AskedBefore(Refusal):
    """A question would come before the one on which it depends."""

    def sentence(self) -> str:
        """Say what has to stand first."""
        return _("Eine Frage kann nur von einer Antwort abhängen, die schon vor ihr gegeben wird.")


class QuestionChangedMeanwhile(Refusal):
    """Somebody else has saved the question since the form was opened (guarantee G20)."""

    def sentence(self) -> str:
        """Say so."""
        return _("Jemand anders hat diese Frage inzwischen geändert. Bitte vergleichen Sie beide Fassungen.")


class CancelledByOrganisers(Refusal):
    """Somebody whom the organisers have taken out says yes to the entry that they still have."""

    def sentence(self) -> str:
        """Say so."""
        return _("Die Veranstalter haben diese Person abgemeldet. Zusagen aus dem Kalender zählen dann nicht mehr.")


class TooManyAnswers(Refusal):
    """Somebody, or rather something, says yes and no again and again."""

    def sentence(self) -> str:
        """Say so."""
        return _("Von dieser Adresse kamen heute sehr viele Antworten. Diese zählt nicht mehr von selbst.")


class DoorClosed(Refusal):
    """It is too early to let people in, too late, or the event does not take place."""

    def sentence(self) -> str:
        """Say when one can."""
        return _("Der Einlass ist geschlossen. Er öffnet einen Tag vor dem Beginn, wenn der Termin stattfindet.")


class NotAdmitted(Refusal):
    """Whoever stands at the door has no sure seat, or none here."""

    def sentence(self) -> str:
        """Say what one can do."""
        return _("Diese Person hat hier keinen sicheren Platz. Sie können sie am Einlass neu eintragen.")


class AlreadyAttended(Refusal):
    """Somebody who was there cannot be excused."""

    def sentence(self) -> str:
        """Say what to do first."""
        return _("Diese Person ist als anwesend vermerkt. Nehmen Sie das zuerst zurück.")


class NotBegunYet(Refusal):
    """Nobody can be absent before an event has begun."""

    def sentence(self) -> str:
        """Say so."""
        return _("Der Termin hat noch nicht begonnen. Abschließen können Sie die Liste danach.")


class JoiningClosed(Refusal):
    """The way to the video conference is not open yet, or not any more."""

    def sentence(self) -> str:
        """Say so."""
        return _("Der Zugang zur Videokonferenz ist gerade nicht offen.")


class NoDates(Refusal):
    """A series without dates."""

    def sentence(self) -> str:
        """Say so."""
        return _("So kommt kein Termin zustande. Bitte prüfen Sie Muster, Anfang und Ende.")


class TooManyDates(Refusal):
    """More dates than anybody should plan at once."""

    def __init__(self, most: int) -> None:
        super().__init__(_("Höchstens %(most)s Termine auf einmal, bitte. Planen Sie die übrigen später.", most=most))


class NoSuchHour(Refusal):
    """An hour that the clock leaves out or shows twice on that day."""

    def sentence(self) -> str:
        """Say why."""
        return _("Diese Uhrzeit gibt es an diesem Tag nicht oder zweimal: Die Uhr wird umgestellt.")


class PollClosed(Refusal):
    """The deadline has passed, or a time was chosen."""

    def sentence(self) -> str:
        """Say so kindly."""
        return _("Diese Umfrage ist leider schon beendet. Danke, dass Sie mitmachen wollten.")


class NobodyAsked(Refusal):
    """A poll for named people without any."""

    def sentence(self) -> str:
        """Say what to do."""
        return _("Bitte nennen Sie mindestens eine Person, oder fragen Sie die ganze Community.")


class TooManyVoters(Refusal):
    """More people than a poll can hold."""

    def __init__(self, most: int) -> None:
        super().__init__(_("An dieser Umfrage nehmen schon %(most)s Personen teil. Mehr gehen nicht.", most=most))


class AskedRecently(Refusal):
    """There is nobody who may be reminded of a poll already."""

    def sentence(self) -> str:
        """Say how often one can."""
        return _("Gerade gibt es niemanden zu erinnern. Erinnert wird höchstens einmal am Tag.")


class NothingToFound(Refusal):
    """No community can come out of this date, or one has already."""

    def sentence(self) -> str:
        """Say so."""
        return _("Aus diesem Termin kann keine Community werden, oder sie ist schon gegründet.")


class CalledOff(Refusal):
    """The event does not take place any more."""

    def sentence(self) -> str:
        """Say so."""
        return _("Dieser Termin ist abgesagt.")


class DraftInUse(Refusal):
    """Somebody is registered on a draft that shall go away."""

    def sentence(self) -> str:
        """Say what to do first."""
        return _("Auf diesem Entwurf steht schon jemand. Bitte melden Sie die Person zuerst ab.")


class NotYourTurn(Refusal):
    """Somebody else hosts by now."""

    def sentence(self) -> str:
        """Say so."""
        return _("Diesen Termin haben Sie schon übergeben.")


class AlreadyYourTurn(Refusal):
    """Handing over to oneself."""

    def sentence(self) -> str:
        """Say so."""
        return _("Das ist Ihre eigene Adresse.")
