"""Every kind of page, and how one gets there."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.scene import Scene
from tests.browser.visiting import become, fill_in, new_address, register

STRANGER, PARTICIPANT, LEAD, OFFICE = "", "Mira Sommerfeld", "Tarek Winterberg", "Jona Lindental"
WITHOUT_TOKENS = "document.querySelectorAll('[name=csrf_token]').forEach((one) => one.remove())"


@dataclass(frozen=True)
class Stop:
    """A page, opened by somebody."""

    actor: str
    open: Callable[[Page, Scene], object]
    status: int = 200


def _at(path: str, *, actor: str = STRANGER, status: int = 200) -> Stop:
    return Stop(actor, lambda page, _: page.goto(path), status)


def _event(topic: str, *, actor: str = STRANGER) -> Stop:
    return Stop(actor, lambda page, scene: page.goto(f"/veranstaltungen/{scene.live.slug(topic)}/"))


def _manage(kind: str, *, unticked: bool = False) -> Stop:
    def open_it(page: Page, scene: Scene) -> None:
        page.goto(f"/anmeldung/{scene.registrations[kind]}/")
        if unticked:
            page.locator("main form").first.get_by_role("button").click()

    return Stop(STRANGER, open_it)


def _proof(path: str, name: str, *, code: str | None = None) -> Stop:
    def open_it(page: Page, scene: Scene) -> None:
        page.goto(f"{path}{scene.proofs[name]}/")
        if code is not None:
            page.get_by_label("Code aus der Mail").fill(code)
            page.locator("main form").get_by_role("button").click()

    return Stop(STRANGER, open_it)


def _form_with_errors(page: Page, scene: Scene) -> None:
    page.goto(f"/veranstaltungen/{scene.live.slug('app-elf-gemeinden')}/")
    fill_in(page, "kein-klammeraffe", name="")
    page.get_by_role("button", name="Platz sichern").click()


def _asked(*, code: str | None = None) -> Callable[[Page, Scene], None]:
    def open_it(page: Page, scene: Scene) -> None:
        register(page, scene.live.slug("app-elf-gemeinden"), new_address())
        if code is not None:
            page.get_by_label("Code aus der Mail").fill(code)
            page.get_by_role("button", name="Bestätigen").click()

    return open_it


def _recognised(page: Page, scene: Scene) -> None:
    page.goto(f"/veranstaltungen/{scene.live.slug('app-elf-gemeinden')}/")
    fill_in(page, new_address())
    page.keyboard.press("Tab")
    page.get_by_text("Erkannt:").wait_for()


def _asked_to_wait(page: Page, scene: Scene) -> None:
    register(page, scene.live.slug("sprachmodelle-buergeramt"), new_address())


def _sign_in(address: str, code: str | None = None) -> Callable[[Page, Scene], None]:
    def open_it(page: Page, _: Scene) -> None:
        page.goto("/konto/anmelden/")
        page.get_by_label("E-Mail-Adresse").fill(address)
        page.get_by_role("button", name="Mail schicken").click()
        if code is not None:
            page.get_by_label("Code aus der Mail").fill(code)
            page.locator("main form").get_by_role("button", name="Anmelden").click()

    return open_it


def _stale_form(page: Page, scene: Scene) -> None:
    _recognised(page, scene)
    page.evaluate(WITHOUT_TOKENS)
    page.locator("#anmeldung").get_by_role("button").click()


def _in_english(path: str) -> Callable[[Page, Scene], None]:
    def open_it(page: Page, _: Scene) -> None:
        page.goto(path)
        page.get_by_role("button", name="English").click()

    return open_it


def _account(page: Page, scene: Scene) -> None:
    """An account with everything in it."""
    become(page, PARTICIPANT)
    for topic in ("chatbot-uebergabe", "sprachmodelle-buergeramt"):
        page.goto(f"/veranstaltungen/{scene.live.slug(topic)}/")
        button = page.locator("#anmeldung").get_by_role("button")
        if button.is_visible():
            button.click()
    page.goto("/konto/")
    make = page.get_by_role("button", name="Adresse für alle Termine anlegen")
    if make.is_visible():
        make.click()
    page.goto("/konto/")


def _account_with_error(page: Page, _: Scene) -> None:
    page.goto("/konto/")
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Speichern").click()


def _desk(slug: str, path: str = "", *, actor: str = OFFICE) -> Stop:
    """A page of an event's desk."""
    return Stop(actor, lambda page, scene: page.goto(f"{_desk_of(slug, scene)}{path}"))


def _desk_of(slug: str, scene: Scene) -> str:
    return f"/veranstaltungen/{slug if slug.startswith('szene') else scene.live.slug(slug)}/verwalten/"


def _edit(slug: str, *, wrong: bool = False, clash: bool = False) -> Stop:
    def open_it(page: Page, scene: Scene) -> None:
        page.goto(f"{_desk_of(slug, scene)}angaben/")
        if wrong:
            page.get_by_label("Titel").fill("")
            page.get_by_label("Beginnt am").fill("")
        if clash:
            page.get_by_label("Titel").fill("Meine Fassung des Titels")
            scene.live.change("UPDATE event SET version = version + 1 WHERE slug = :slug", slug=slug)
        if wrong or clash:
            page.get_by_role("button", name="Speichern", exact=True).click()

    return Stop(OFFICE, open_it)


def _list_for_paper(page: Page, scene: Scene) -> None:
    page.goto(f"{_desk_of('zwei-huete', scene)}teilnehmende/")
    page.get_by_text("Liste zum Drucken").click()
    page.get_by_role("button", name="Druckansicht öffnen").click()
    page.get_by_text("Gedruckt von").wait_for()


def _domain_with_error(page: Page, _: Scene) -> None:
    page.goto("/buero/domains/")
    box = page.locator(".box", has=page.get_by_role("heading", name="zweckverband-tiefland.example"))
    box.get_by_role("textbox").fill("")
    box.get_by_role("button", name="Zuordnen").click()


def _outbox(state: str) -> Stop:
    def open_it(page: Page, scene: Scene) -> None:
        kind = {"failed": "reminder", "uncertain": "moved_up"}[state]
        scene.live.change(
            "UPDATE message SET state = :state, answer = '550 5.1.1 unknown user' WHERE id = :id",
            state=state,
            id=scene.mails[kind],
        )
        page.goto(f"/buero/postausgang/?stand={state}")

    return Stop(OFFICE, open_it)


CIRCLE = "/verwalten/communities/chatbot-community/"


def _circle(path: str = "") -> Stop:
    """A page of a circle's desk."""
    return _at(f"{CIRCLE}{path}", actor=LEAD)


def _series_preview(page: Page, _: Scene) -> None:
    page.goto(f"{CIRCLE}serie/")
    page.get_by_role("button", name="Termine ansehen").click()


def _poll(page: Page, _: Scene) -> None:
    page.goto(f"{CIRCLE}umfragen/")
    page.get_by_role("link", name="Werkschau der Bots").click()


def _ballot(page: Page, scene: Scene) -> None:
    _poll(page, scene)
    page.goto(page.get_by_label("Link für alle").input_value())


def _join_without_a_name(page: Page, _: Scene) -> None:
    page.goto("/communities/chatbot-community/dabei/")
    page.locator("main form").get_by_role("button", name="Mitmachen").click()


def _publication(page: Page, _: Scene) -> None:
    page.goto("/veroeffentlichungen/")
    page.get_by_role("link", name="Die KI-Verordnung im Alltag der Verwaltung").click()


def _behind(kind: str, path: str, *, press: str = "") -> Stop:
    """The page behind a link of a mail, and after one of its buttons."""

    def open_it(page: Page, scene: Scene) -> None:
        text = scene.mail(kind).get_body(("plain",)).get_content()
        page.goto(re.findall(rf"https?://[^/\s]+({path}[^\s)]*)", text)[0])
        if press:
            page.locator("main").get_by_role("button", name=press).first.click()

    return Stop(STRANGER, open_it)


def _ask_without_an_address(page: Page, _: Scene) -> None:
    page.goto("/verteiler/szene-neues/")
    page.locator("main form").get_by_role("button").last.click()


def _conversation(page: Page, _: Scene) -> None:
    page.goto("/verteiler/offene-runde/archiv/")
    page.locator("main").get_by_role("listitem").get_by_role("link").first.click()


def _kept_mail(kind: str) -> Stop:
    return Stop(STRANGER, lambda page, scene: page.goto(f"/demo/postausgang/{scene.mails[kind]}/"))


STOPS = {
    "start": _at("/"),
    "start in English": Stop(STRANGER, _in_english("/")),
    "list": _at("/veranstaltungen/"),
    "list, nothing found": _at("/veranstaltungen/?q=gibtesnicht&community=mobile-apps"),
    "list, archive": _at("/veranstaltungen/?jahr=2022"),
    "list, month": _at("/veranstaltungen/?ansicht=monat"),
    "list, quiet month": _at("/veranstaltungen/?ansicht=monat&monat=2021-08"),
    "communities": _at("/communities/"),
    "community": _at("/communities/chatbot-community/"),
    "event": _event("app-elf-gemeinden"),
    "event, long title": _event("nextpanel-konferenz"),
    "event, full": _event("sprachmodelle-buergeramt"),
    "event, for members": _event("stammtisch-koeln"),
    "event, cancelled": _event("empfehlungen-portale"),
    "event, in presence": _event("zwei-huete"),
    "event, of others": _event("forum-digitale-kreise"),
    "event, joint": _event("erklaeren-bitte"),
    "event, whole days": _event("nextcamp-15"),
    "event, past": _at("/veranstaltungen/szene-vorbei/"),
    "event, form with errors": Stop(STRANGER, _form_with_errors),
    "event, body recognised": Stop(STRANGER, _recognised),
    "asked": Stop(STRANGER, _asked()),
    "asked, wrong code": Stop(STRANGER, _asked(code="12 34")),
    "asked, to wait": Stop(STRANGER, _asked_to_wait),
    "confirm": _proof("/anmeldung/bestaetigen/", "confirm_address"),
    "confirm, no code": _proof("/anmeldung/bestaetigen/", "confirm_address", code=""),
    "confirm, used": _proof("/anmeldung/bestaetigen/", "used"),
    "manage, confirmed": _manage("registered"),
    "manage, not ticked": _manage("registered", unticked=True),
    "manage, waiting": _manage("waiting"),
    "manage, offered": _manage("seat_offered"),
    "manage, offer not ticked": _manage("seat_offered", unticked=True),
    "manage, cancelled": _manage("cancelled_by_you"),
    "manage, unconfirmed": _manage("confirm_address"),
    "manage, event cancelled": _manage("event_cancelled"),
    "manage, attended": _manage("attended"),
    "sign in": _at("/konto/anmelden/"),
    "sign in, error": Stop(STRANGER, _sign_in("kein-klammeraffe")),
    "code": Stop(STRANGER, _sign_in("szene-code@musterhafen.example")),
    "code, error": Stop(STRANGER, _sign_in("szene-falsch@musterhafen.example", code="")),
    "enter": _proof("/konto/anmelden/", "sign_in"),
    "enter, no code": _proof("/konto/anmelden/", "sign_in", code=""),
    "enter, used": _proof("/konto/anmelden/", "used sign_in"),
    "imprint": _at("/impressum/"),
    "privacy": _at("/datenschutz/"),
    "accessibility": _at("/barrierefreiheit/"),
    "not found": _at("/gibt-es-nicht/", status=404),
    "not so": _at("/sprache", status=405),
    "stale form": Stop(STRANGER, _stale_form, 400),
    "tour": _at("/demo/"),
    "kept mails": _at("/demo/postausgang/"),
    "kept mails, none": _at("/demo/postausgang/?an=niemand@musterhafen.example"),
    "kept mail": _kept_mail("registered"),
    "kept mail with code": _kept_mail("sign_in"),
    "participant: start": _at("/", actor=PARTICIPANT),
    "participant: event": _event("idee-zum-budget", actor=PARTICIPANT),
    "participant: not for them": _event("stammtisch-koeln", actor=PARTICIPANT),
    "participant: account": Stop(STRANGER, _account),
    "participant: account, error": Stop(PARTICIPANT, _account_with_error),
    "office: desk": _at("/buero/", actor=OFFICE),
    "office: events": _at("/buero/veranstaltungen/", actor=OFFICE),
    "office: events, archive": _at("/buero/veranstaltungen/?jahr=2022", actor=OFFICE),
    "office: domains": _at("/buero/domains/", actor=OFFICE),
    "office: domains, error": Stop(OFFICE, _domain_with_error),
    "office: mails": _at("/buero/postausgang/", actor=OFFICE),
    "office: failed mails": _outbox("failed"),
    "office: uncertain mails": _outbox("uncertain"),
    "desk: own events": _at("/verwalten/", actor=LEAD),
    "desk: past events": _at("/verwalten/?ansicht=vergangen", actor=LEAD),
    "desk: overview": _desk("chatbot-uebergabe", actor=LEAD),
    "desk: overview, in presence": _desk("zwei-huete"),
    "desk: overview of a draft": _desk("szene-entwurf"),
    "desk: overview, cancelled": _desk("empfehlungen-portale"),
    "desk: overview, past": _desk("szene-vorbei"),
    "desk: event": _edit("roboter-stolpert"),
    "desk: event, errors": _edit("roboter-stolpert", wrong=True),
    "desk: event, clash": _edit("szene-entwurf", clash=True),
    "desk: draft": _edit("szene-entwurf"),
    "desk: cancelled event": _edit("empfehlungen-portale"),
    "desk: participants": _desk("innovationslabor-bilanz", "teilnehmende/"),
    "desk: participants, none": _desk("szene-entwurf", "teilnehmende/?q=niemand"),
    "desk: choose a kind": _at("/verwalten/neu/", actor=LEAD),
    "desk: new event": _at("/verwalten/neu/angaben/?vorlage=vor-ort", actor=LEAD),
    "desk: questions": _desk("zwei-huete", "fragen/"),
    "desk: new question": _desk("zwei-huete", "fragen/neu/"),
    "desk: requests": _desk("zwei-huete", "anfragen/"),
    "desk: waiting list": _desk("sprachmodelle-buergeramt", "warteliste/"),
    "desk: invitations": _desk("zwei-huete", "einladungen/"),
    "desk: messages": _desk("zwei-huete", "nachrichten/"),
    "desk: reminders": _desk("zwei-huete", "erinnerungen/"),
    "desk: register somebody": _desk("zwei-huete", "teilnehmende/neu"),
    "desk: list for paper": Stop(OFFICE, _list_for_paper),
    "desk: lists taken": _desk("zwei-huete", "teilnehmende/exporte/"),
    "desk: door": _desk("zwei-huete", "einlass/"),
    "desk: closing": _desk("szene-vorbei", "abschluss/"),
    "desk: materials": _desk("szene-vorbei", "abschluss/unterlagen/"),
    "desk: figures": _desk("innovationslabor-bilanz", "zahlen/"),
    "library": _at("/communities/chatbot-community/unterlagen/"),
    "library, found": _at("/communities/chatbot-community/unterlagen/?q=Bot", actor=PARTICIPANT),
    "join, errors": Stop(STRANGER, _join_without_a_name),
    "publications": _at("/veroeffentlichungen/"),
    "publications, nothing found": _at("/veroeffentlichungen/?q=gibtesnicht"),
    "publication": Stop(STRANGER, _publication),
    "circle": _circle(),
    "circle: what it says": _circle("angaben/"),
    "circle: leads": _circle("leitung/"),
    "circle: planning": _circle("planen/"),
    "circle: new series": _circle("serie/"),
    "circle: preview of a series": Stop(LEAD, _series_preview),
    "circle: polls": _circle("umfragen/"),
    "circle: new poll": _circle("umfragen/neu/"),
    "circle: poll": Stop(LEAD, _poll),
    "circle: ballot": Stop(LEAD, _ballot),
    "circle: hosts": _circle("reihum/"),
    "circle: documents": _circle("unterlagen/"),
    "workshop: results": _at("/verwalten/communities/ki-verordnung/ergebnisse/", actor=OFFICE),
    "desk: called people": _desk("chatbot-uebergabe", "community/", actor=LEAD),
    "office: communities": _at("/buero/communities/", actor=OFFICE),
    "office: community": _at("/buero/communities/chatbot-community/", actor=OFFICE),
    "lists": _at("/verteiler/"),
    "list to subscribe": _at("/verteiler/szene-neues/"),
    "list to subscribe, errors": Stop(STRANGER, _ask_without_an_address),
    "list, asked": _at("/verteiler/angefragt/"),
    "list, what is known": _at("/konto/mails/daten/", actor=PARTICIPANT),
    "list, confirm": _behind("confirm_subscription", "/verteiler/bestaetigen/"),
    "list, what comes": _behind("already_subscribed", "/verteiler/einstellungen/"),
    "list, leave": _behind("digest", "/verteiler/abmelden/"),
    "list, mail arrives again": _behind("confirm_mailbox", "/verteiler/adresse/"),
    "list, broken link": _at("/verteiler/abmelden/nichts/", status=404),
    "list, conversations": _at("/verteiler/offene-runde/archiv/", actor=OFFICE),
    "list, conversation": Stop(OFFICE, _conversation),
    "list, post that waits": _behind("post_held", "/redaktion/beitraege/"),
    "list, post that waits, errors": _behind("post_held", "/redaktion/beitraege/", press="Verteilen"),
    "newsroom: posts that wait": _at("/redaktion/beitraege/", actor=OFFICE),
    "circle: list": _circle("verteiler/"),
    "office: lists": _at("/buero/verteiler/", actor=OFFICE),
    "office: list": _at("/buero/verteiler/szene-neues/", actor=OFFICE),
    "office: what a list is": _at("/buero/verteiler/szene-neues/angaben/", actor=OFFICE),
    "office: new list": _at("/buero/verteiler/neu/", actor=OFFICE),
    "office: import": _at("/buero/verteiler/szene-neues/importieren/", actor=OFFICE),
    "office: how mail runs": _at("/buero/mailbetrieb/", actor=OFFICE),
    "office: mails that came in": _at("/buero/posteingang/", actor=OFFICE),
}
