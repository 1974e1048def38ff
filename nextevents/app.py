"""create_app: the rooms connected, nothing touched yet."""

import json
import traceback
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, has_request_context, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, NotFound, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from .desk import views as desk
from .events import views as events
from .events.conferences import connect_conferences
from .ground import errors, rendered
from .ground.database import connect_database, db, engine_options
from .ground.limits import connect_limits
from .ground.mail_addresses import readable
from .ground.markdown import as_html
from .ground.queue import connect_queue
from .ground.web import ask_to_sign_in, guard, is_from_elsewhere, require_declarations, with_safe_headers
from .mailing import views as lists
from .newsroom import views as newsroom
from .office import views as office
from .people import views as people
from .people.signing_in import connect_signing_in, forget_who_is_there
from .settings import Settings
from .site import belonging, communities
from .site import views as site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost")
MAX_BODY = 1_000_000


class NExTevents(Flask):
    """Flask with a log that holds no personal values (ASVS 16.2.5)."""

    def log_exception(self, exc_info: Any) -> None:
        """Log what failed by its endpoint, because paths hold tokens; of the database's words only the kind."""
        kind, error, trace = exc_info
        if isinstance(error, DBAPIError):
            frames = "".join(traceback.format_tb(trace))
            self.logger.error(
                "%s failed: %s, %s\n%s", request.endpoint, kind.__name__, type(error.orig).__name__, frames
            )
        else:
            self.logger.error("%s failed", request.endpoint, exc_info=exc_info)


def create_app(settings: Settings) -> Flask:
    """The application for these settings. Refuses to be built with a route that does not say who may use it."""
    app = NExTevents(__name__, static_folder=None)
    app.config.update(_configuration(settings))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    connect_database(app)
    connect_queue(app, redis_url=settings.redis_url, data=settings.data)
    connect_limits(app, redis_url=settings.redis_url)
    connect_signing_in(app)
    connect_conferences(app, bbb_url=settings.bbb_url, bbb_secret=settings.bbb_secret)
    guard(app)
    forms = CSRFProtect(app)
    Babel(app, default_locale="de", default_timezone="Europe/Berlin", locale_selector=_language)
    for room in (
        site.bp,
        communities.bp,
        belonging.bp,
        events.bp,
        people.bp,
        lists.bp,
        newsroom.bp,
        desk.bp,
        office.bp,
    ):
        app.register_blueprint(room)
    if settings.demo:
        from .demo import views as demo  # noqa: PLC0415 - without the demo its routes do not exist

        app.register_blueprint(demo.bp)
    _refuse_politely(app)
    _equip_templates(app)
    require_declarations(app)
    for view in app.view_functions.values():
        if getattr(view, "takes_one_click", False):
            forms.exempt(view)
    app.wsgi_app = _served(app, settings)  # type: ignore[assignment,method-assign]  # Flask's own way to wrap it
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    host = settings.host.rpartition(":")[0] or settings.host
    return {
        "BASE_URL": settings.base_url,
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
        "CONTACT": settings.contact,
        "DATA": settings.data,
        "DEMO": settings.demo,
        "DESTINATION_GROUPS": settings.destination_groups,
        "DESTINATION_RATE": settings.destination_rate,
        "DKIM_KEYS": settings.dkim_keys or settings.data / "dkim",
        "IS_HTTPS": settings.is_https,
        "KEEP_FREE_MB": settings.keep_free_mb,
        "LIST_DOMAIN": settings.list_domain or settings.mail_domain,
        "MAIL_BORDER": settings.mail_border,
        "MAIL_BOUNCES": settings.mail_bounces or settings.mail_from,
        "MAIL_FROM": settings.mail_from,
        "MAIL_FROM_NAME": settings.mail_from_name,
        "MAIL_IN": settings.mail_in,
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "NEWSLETTER_FROM": settings.newsletter_from or f"newsletter@{settings.mail_domain}",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "PREFERRED_URL_SCHEME": urlsplit(settings.base_url).scheme,
        "REDIS_URL": settings.redis_url,
        "RELAY_LOG": settings.relay_log,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SERVER_NAME": settings.host,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "__Host-next" if settings.is_https else "next",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "SMTP_URL": settings.smtp_url,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "TRUSTED_HOSTS": [host, *settings.allowed_hosts, *(LOOPBACK if host in LOOPBACK else ())],
        "VERSION": _version(),
        "WTF_CSRF_SSL_STRICT": False,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _version() -> str:
    try:
        return version("nextevents")
    except PackageNotFoundError:
        return "unknown"


def _language() -> str:
    chosen = session.get("language", "de") if has_request_context() else "de"
    return chosen if chosen in site.LANGUAGES else "de"


def _served(app: Flask, settings: Settings) -> "WSGIApplication":
    inner: WSGIApplication = app.wsgi_app
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        inner = ProxyFix(inner, x_for=count, x_proto=count, x_host=count)
    static = WhiteNoise(inner, max_age=31536000, immutable_file_test=r"/static/")
    if STATIC.is_dir():
        static.add_files(str(STATIC), prefix="static/")
    return with_safe_headers(static, is_https=settings.is_https)


def _equip_templates(app: Flask) -> None:
    manifest_file = STATIC / "manifest.json"
    manifest: dict[str, str] = json.loads(manifest_file.read_text()) if manifest_file.exists() else {}

    def asset(name: str) -> str:
        return f"/static/{manifest.get(name, name)}"

    app.jinja_env.globals.update(
        asset=asset,
        csrf_input=rendered.csrf_input,
        nonce_input=rendered.nonce_input,
        get_locale=get_locale,
        late=rendered.late,
    )
    app.jinja_env.filters["markdown"] = as_html
    app.jinja_env.filters["readable"] = readable


def _refuse_politely(app: Flask) -> None:
    @app.errorhandler(SecurityError)
    def unknown_host(_: SecurityError) -> ResponseReturnValue:
        """A request for a host that is not ours (bad input 32): no page, because no address can be built for it."""
        return Response("Diese Adresse gehört nicht zu uns.\n", 400, content_type="text/plain; charset=utf-8")

    @app.errorhandler(errors.NotFound)
    def nothing_here(_: errors.NotFound) -> ResponseReturnValue:
        return _problem(NotFound())

    @app.errorhandler(errors.SignInFirst)
    def for_whoever_signs_in(_: errors.SignInFirst) -> ResponseReturnValue:
        return ask_to_sign_in()

    @app.errorhandler(CSRFError)
    def unproved_form(error: CSRFError) -> ResponseReturnValue:
        """A form that sat too long, or came from elsewhere: what was typed is shown again (bad inputs 48 and 49)."""
        typed = (
            [] if is_from_elsewhere() else [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
        )
        return render_template("errors/stale_form.html", typed=typed), error.code or 400

    @app.errorhandler(HTTPException)
    def _problem(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.response is not None:
            return error.get_response()
        headers = [pair for pair in error.get_headers() if pair[0] != "Content-Type"]
        return render_template("errors/problem.html", code=error.code), error.code, headers

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def database_away(error: DBAPIError) -> ResponseReturnValue:
        """The database restarts or is full: nothing was half done, and the page says when to try again (G15, G18)."""
        app.logger.error("database: %s", type(error.orig).__name__)
        db.session.rollback()
        forget_who_is_there()
        return render_template("errors/problem.html", code=503), 503, {"Retry-After": "10"}
