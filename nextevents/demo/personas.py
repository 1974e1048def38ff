"""The people as whom one can try the demo with one click."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

PARTICIPANT, LEAD, OFFICE = "participant", "lead", "office"


@dataclass(frozen=True)
class Persona:
    """Somebody made up, and what can be tried as them."""

    key: str
    name: str
    email: str
    role: str
    text: str


PERSONAS = (
    Persona(
        PARTICIPANT,
        "Mira Sommerfeld",
        "mira.sommerfeld@musterhafen.example",
        _("Teilnehmerin"),
        _("Mit einem Klick anmelden, absagen, den eigenen Kalender abonnieren."),
    ),
    Persona(
        LEAD,
        "Tarek Winterberg",
        "tarek.winterberg@oberfelden.example",
        _("Community-Leitung"),
        _("Leitet die Community Chatbot und ist Mitglied des Vereins."),
    ),
    Persona(
        OFFICE,
        "Jona Lindental",
        "jona.lindental@next.example",
        _("Geschäftsstelle"),
        _("Termine ändern und absagen, Teilnehmende sehen, unbekannte Domains zuordnen, den Postausgang prüfen."),
    ),
)
