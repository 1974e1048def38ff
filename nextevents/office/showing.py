"""How the office's matters are said: mails and their states."""

from flask_babel import gettext as _

from ..communities.models import Kind
from ..mailing.showing import mail_state_word


def kind_word(kind: str) -> str:
    """What a mail is for."""
    return {
        "sign_in": _("Zugangscode"),
        "confirm_address": _("Adresse bestätigen"),
        "confirm_for_colleague": _("Adresse bestätigen, mit angemeldet"),
        "registered": _("Anmeldebestätigung"),
        "waiting": _("Warteliste"),
        "seat_offered": _("Platz angeboten"),
        "moved_up": _("Nachgerückt"),
        "offer_lapsed": _("Angebot verfallen"),
        "cancelled_by_you": _("Abmeldung"),
        "reminder": _("Erinnerung"),
        "follow_up": _("Nach dem Termin"),
        "certificate": _("Bescheinigung"),
        "feedback_asked": _("Bitte um Rückmeldung"),
        "declined": _("Absage aus dem Kalender"),
        "please_confirm": _("Bitte um Bestätigung"),
        "event_changed": _("Termin geändert"),
        "event_cancelled": _("Termin abgesagt"),
        "requested": _("Anfrage erhalten"),
        "refused": _("Anfrage abgelehnt"),
        "registered_by_other": _("Angemeldet durch andere"),
        "cancelled_by_organisers": _("Abmeldung durch Veranstalter"),
        "transfer_offered": _("Platz von anderen angeboten"),
        "transferred": _("Platz übertragen"),
        "invitation": _("Einladung"),
        "invitation_reminder": _("Erinnerung an Einladung"),
        "announcement": _("Nachricht der Veranstalter"),
        "event_postponed": _("Termin verschoben"),
        "confirm_belonging": _("Mitmachen bestätigen"),
        "joined": _("Willkommen in der Community"),
        "appointed": _("Leitung übertragen"),
        "note_to_leads": _("Frage an die Leitung"),
        "asked_to_close": _("Werkstatt endet bald"),
        "called": _("Einladung per Eintrag"),
        "called_changed": _("Eingeladen: Termin geändert"),
        "called_off": _("Eingeladen: Termin fällt aus"),
        "call_declined": _("Einladung abgelehnt"),
        "standing": _("Immer dabei"),
        "your_turn": _("Gastgebende erinnert"),
        "turn_handed": _("Termin an andere übergeben"),
        "proposal_refused": _("Anderer Termin abgelehnt"),
        "circle_founded": _("Aus dem Termin wird eine Community"),
        "poll_asked": _("Umfrage: Wann passt es?"),
        "poll_reminder": _("Umfrage: Erinnerung"),
        "poll_voted": _("Umfrage: eigener Link"),
        "poll_decided": _("Umfrage: Der Termin steht"),
        "poll_held": _("Umfrage: Zeit im Kalender"),
        "poll_released": _("Umfrage: Zeit wieder frei"),
        "confirm_subscription": _("Verteiler bestätigen"),
        "already_subscribed": _("Steht schon auf dem Verteiler"),
        "confirm_mailbox": _("Mail zur Probe"),
        "campaign": _("Aussendung"),
        "post": _("Beitrag"),
        "digest": _("Sammelmail"),
        "post_waits": _("Beitrag wartet, an Verfassende"),
        "post_rejected": _("Beitrag abgelehnt"),
        "post_held": _("Beitrag wartet, an Betreuende"),
        "how_to_leave": _("So bestellt man ab"),
        "to_keepers": _("Nachricht an Betreuende"),
        "release_wanted": _("Aussendung wartet auf Freigabe"),
        "refused_by_domain": _("Abgewiesen von einer Maildomain"),
    }.get(kind, kind)


def kind_of_circle(kind: Kind) -> str:
    """What sort of circle it is."""
    return {
        Kind.COMMUNITY: _("NExTcommunity"),
        Kind.SERIES: _("Reihe"),
        Kind.CAMP: _("NExTcamp"),
        Kind.PANEL: _("NExTpanel"),
        Kind.WORKSHOP: _("NExTwerkstatt"),
    }[kind]


def answer_label(answer: str) -> str:
    """The last word on a mail: our own in the reader's language, a server's as it came."""
    return {
        "kept here": _("hier aufbewahrt"),
        "expired before it left": _("verfallen, bevor sie hinausging"),
        "the connection broke before the answer": _("Die Verbindung brach vor der Antwort ab."),
        "the form cannot become a mail": _("Die Vorlage ergibt keine gültige Mail."),
        "the worker stopped meanwhile": _("unterbrochen, vielleicht schon angekommen"),
    }.get(answer, answer)


__all__ = ["answer_label", "kind_word", "mail_state_word"]
