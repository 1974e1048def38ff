"""How browsers are called."""

import pytest

from nextevents.people.signing_in import browser_name

ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {ENGINE} Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {ENGINE} Chrome/142.0 Safari/537.36", "Chrome, Linux"),
        (f"Mozilla/5.0 (Linux; Android 16; Pixel 9) {ENGINE} Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) Version/18.1 Safari/605.1.15", "Safari, macOS"),
        ("curl/8.0", "Browser"),
        ("", "Browser"),
        ("<script>alert(1)</script>", "Browser"),
    ],
)
def test_a_browser_is_called_by_two_words_of_ours(agent, name):
    assert browser_name(agent) == name
