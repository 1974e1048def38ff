"""Links that prove something: bound to a purpose, good for nothing when altered, alive through a change of keys."""

import re
from collections.abc import Iterator
from string import ascii_letters, digits

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextevents.ground.tokens import TOKEN_LENGTH, code_for, fingerprint, is_code_for, number_in, token_for

OLD, NEW = "an old key, long enough for the tests", "a new key, long enough for the tests"
NUMBERS = st.integers(min_value=1, max_value=2**63 - 1)
with_keys = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def keys() -> Iterator[Flask]:
    house = Flask("keys")
    house.config.update(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[])
    with house.app_context():
        yield house


@with_keys
@given(NUMBERS, st.text(max_size=20))
def test_a_token_speaks_of_its_row_and_is_short_and_plain(number, purpose):
    token = token_for(purpose, number)

    assert number_in(purpose, token) == number
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)


@with_keys
@given(NUMBERS, st.integers(0, TOKEN_LENGTH - 1), st.sampled_from(f"{ascii_letters}{digits}-_"))
def test_a_token_with_one_other_sign_speaks_of_nothing(number, position, sign):
    token = token_for("feed", number)
    altered = token[:position] + sign + token[position + 1 :]

    assert number_in("feed", altered) == (number if altered == token else None)


def test_a_token_is_good_for_its_purpose_only():
    token = token_for("registration", 7)

    assert [number_in(purpose, token) for purpose in ("registration", "feed", "sign_in", "")] == [7, None, None, None]


def test_two_rows_and_two_purposes_have_nothing_in_common_but_the_number():
    tokens = {token_for(purpose, number)[11:] for purpose in ("a", "b") for number in (1, 2)}

    assert len(tokens) == 4


@pytest.mark.parametrize("damage", ["{}.", "{}=3D", "{}=", " {} ", "{}=3D\r\n", "\t{}..."])
def test_what_mail_programs_do_to_the_end_is_forgiven(damage):
    assert number_in("feed", damage.format(token_for("feed", 12))) == 12


@pytest.mark.parametrize(
    "damaged",
    ["", "x", "{}x", "x{}", "{0}{0}", "../../etc/passwd", 32 * "A", 32 * "ä", 32 * "\0", 32 * "=", 100_000 * "B"],
    ids=lambda text: ascii(text[:12]),
)
def test_anything_else_speaks_of_nothing(damaged):
    assert number_in("feed", damaged.format(token_for("feed", 12))) is None


def test_a_token_that_was_cut_off_speaks_of_nothing():
    token = token_for("feed", 12)

    assert {number_in("feed", token[:length]) for length in range(TOKEN_LENGTH)} == {None}


def test_after_a_change_of_keys_old_tokens_and_codes_are_good_as_long_as_the_old_key_is_kept(keys):
    token, code = token_for("feed", 12), code_for("feed", 12)

    keys.config.update(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    assert (number_in("feed", token), is_code_for("feed", 12, code)) == (12, True)
    assert (token_for("feed", 12), code_for("feed", 12)) != (token, code)

    keys.config.update(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[])
    assert (number_in("feed", token), is_code_for("feed", 12, code)) == (None, False)


@with_keys
@given(NUMBERS)
def test_a_code_is_six_digits_and_its_own_row_s(number):
    code = code_for("sign_in", number)

    assert re.fullmatch("[0-9]{6}", code)
    assert is_code_for("sign_in", number, code)


def test_codes_of_a_thousand_rows_are_spread_out():
    assert len({code_for("sign_in", number) for number in range(1, 1001)}) > 980


def test_a_code_may_be_typed_with_blanks_and_hyphens():
    code = code_for("sign_in", 3)

    for typed in (f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}"):
        assert is_code_for("sign_in", 3, typed)


def test_a_code_is_of_no_use_for_another_row_or_purpose_or_in_other_digits():
    code = code_for("sign_in", 3)
    arabic = code.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    others = [
        ("sign_in", 4, code),
        ("registration", 3, code),
        ("sign_in", 3, arabic),
        ("sign_in", 3, ""),
        ("sign_in", 3, code[:5]),
    ]

    assert [is_code_for(*other) for other in others] == 5 * [False]


def test_a_fingerprint_is_always_the_same_and_holds_nothing_of_the_secret():
    assert fingerprint("secret") == fingerprint("secret") != fingerprint("Secret")
    assert "secret" not in fingerprint("secret")
