"""What an instance is told from outside, and what it refuses to start with."""

import stat
import subprocess
import sys

import pytest

from nextevents.settings import InvalidSettingsError, from_environment

KEY = 32 * "k"


@pytest.fixture
def read(tmp_path):
    return lambda **environment: from_environment({"NEXTEVENTS_DATA": str(tmp_path), **environment})


def test_without_any_word_everything_is_embedded_and_plain(read, tmp_path):
    settings = read()

    assert (settings.database_url, settings.redis_url, settings.smtp_url) == (
        f"sqlite:///{tmp_path}/nextevents.db",
        "",
        "",
    )
    assert (settings.base_url, settings.host, settings.is_https) == ("http://127.0.0.1:8000", "127.0.0.1:8000", False)
    assert (settings.demo, settings.trusted_proxies, settings.allowed_hosts) == (False, 0, ())
    assert settings.mail_bounces == settings.mail_from == "termine@next.example"


def test_every_word_is_heard(read):
    settings = read(
        REDIS_URL="redis://127.0.0.1/0",
        SMTP_URL="smtp://127.0.0.1:25",
        BASE_URL="https://termine.next.example/",
        SECRET_KEY=KEY,
        SECRET_KEY_FALLBACKS="older oldest",
        TRUSTED_PROXIES="2",
        NEXTEVENTS_DEMO="on",
        MAIL_FROM="treffen@next.example",
        MAIL_FROM_NAME="NExT",
        MAIL_BOUNCES="weg@next.example",
        CONTACT="hilfe@next.example",
        ALLOWED_HOSTS="intern.example 10.0.0.1",
    )

    assert (settings.base_url, settings.host, settings.is_https) == (
        "https://termine.next.example",
        "termine.next.example",
        True,
    )
    assert (settings.redis_url, settings.smtp_url) == ("redis://127.0.0.1/0", "smtp://127.0.0.1:25")
    assert (settings.secret_key, settings.secret_key_fallbacks) == (KEY, ("older", "oldest"))
    assert (settings.mail_from, settings.mail_from_name, settings.mail_bounces, settings.contact) == (
        "treffen@next.example",
        "NExT",
        "weg@next.example",
        "hilfe@next.example",
    )
    assert (settings.demo, settings.trusted_proxies) == (True, 2)
    assert settings.allowed_hosts == ("intern.example", "10.0.0.1")


def test_words_left_empty_are_as_if_they_were_not_there(read, tmp_path):
    names = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "BASE_URL", "SECRET_KEY", "TRUSTED_PROXIES", "NEXTEVENTS_DEMO")

    settings = read(**dict.fromkeys(names, ""))

    assert settings == read()
    assert settings.database_url == f"sqlite:///{tmp_path}/nextevents.db"


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "yes", "On"])
def test_the_demo_is_on_for_every_word_that_says_so(read, word):
    assert read(NEXTEVENTS_DEMO=word).demo


@pytest.mark.parametrize("word", ["0", "off", "no", "false", "maybe"])
def test_and_off_for_others(read, word):
    assert not read(NEXTEVENTS_DEMO=word).demo


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@db.example/next", "postgresql+psycopg://u:p@db.example/next"),
        (
            "postgresql://u:p@db.example/next?sslmode=require",
            "postgresql+psycopg://u:p@db.example/next?sslmode=require",
        ),
        ("postgresql+psycopg://db.example/next", "postgresql+psycopg://db.example/next"),
        ("sqlite:////srv/next.db", "sqlite:////srv/next.db"),
    ],
)
def test_short_forms_of_database_addresses_get_our_driver(read, given, used):
    assert read(DATABASE_URL=given).database_url == used


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"HOST": "0.0.0.0", "PORT": "80"}, "http://127.0.0.1:80"),  # noqa: S104 - nothing is bound
        ({"HOST": "192.168.1.2"}, "http://192.168.1.2:8000"),
        ({"PORT": "9000", "BASE_URL": "http://next.example"}, "http://next.example"),
    ],
)
def test_the_address_follows_host_and_port_unless_it_is_given(read, environment, address):
    assert read(**environment).base_url == address


def test_a_given_key_must_be_long(read):
    with pytest.raises(InvalidSettingsError, match="at least 32"):
        read(SECRET_KEY=31 * "k")


def test_https_needs_a_given_key(read):
    with pytest.raises(InvalidSettingsError, match="SECRET_KEY must be given"):
        read(BASE_URL="https://next.example")


def test_a_key_that_was_made_is_long_stays_and_is_for_us_alone(read, tmp_path):
    first, second = read(), read()

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) > 48
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_processes_that_make_the_key_at_once_agree_on_one(tmp_path):
    program = (
        "from nextevents.settings import from_environment as read; print(read({'NEXTEVENTS_DATA': %r}).secret_key)"
    )
    command = [sys.executable, "-c", program % str(tmp_path)]

    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    keys = {process.communicate()[0] for process in processes}

    assert (len(keys), keys.pop().strip().decode()) == (1, (tmp_path / "secret-key").read_text())


def test_secrets_do_not_show_in_the_settings_words(read):
    shown = repr(read(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS="an-older-key"))

    assert KEY not in shown
    assert "an-older-key" not in shown


def test_the_door_for_mail_and_its_border_are_read(read):
    settings = read(MAIL_IN="0.0.0.0:2424", MAIL_BORDER=" MX.example.org  1 ")

    assert (settings.mail_in, settings.mail_border) == ("0.0.0.0:2424", "mx.example.org 1")
    assert (read().mail_in, read().mail_border, read(MAIL_BORDER="mx").mail_border) == ("127.0.0.1:8024", "", "mx 0")


def test_who_serves_which_domains_and_the_relay_s_log_are_read(read, tmp_path):
    settings = read(
        DESTINATION_GROUPS="rz=Stadt.example,.kreis.example andere=amt.example", RELAY_LOG=f"{tmp_path}/x/../mail.log"
    )

    assert settings.destination_groups == {"stadt.example": "rz", "kreis.example": "rz", "amt.example": "andere"}
    assert (settings.relay_log, read().destination_groups, read().relay_log) == (tmp_path / "mail.log", {}, None)
    for words in ("rz", "rz=", "=stadt.example", "rz=stadt.example,"):
        with pytest.raises(InvalidSettingsError):
            read(DESTINATION_GROUPS=words)


@pytest.mark.parametrize(
    "words",
    [{"MAIL_IN": one} for one in ("8024", ":8024", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "x:y")]
    + [{"MAIL_BORDER": "mx.example.org eins"}],
)
def test_a_door_for_mail_that_cannot_be_is_refused(read, words):
    with pytest.raises(InvalidSettingsError):
        read(**words)


def test_a_conference_server_needs_an_address_and_a_secret(read):
    given = {"BBB_URL": "https://bbb.example/bigbluebutton/", "BBB_SECRET": "geheim"}

    settings = read(**given)

    assert (settings.bbb_url, settings.bbb_secret) == ("https://bbb.example/bigbluebutton/", "geheim")
    assert "geheim" not in repr(settings)
    assert (read().bbb_url, read().bbb_secret) == ("", "")
    for wrong in ({"BBB_URL": ""}, {"BBB_SECRET": ""}, {"BBB_URL": "bbb.example"}, {"BBB_URL": "file:///etc"}):
        with pytest.raises(InvalidSettingsError):
            read(**(given | wrong))
