"""A real browser: Chromium, driven by Playwright.

with sync_playwright() as playwright, chromium.browser(playwright) as browser:
    page = browser.new_page()
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.services import apt
from tests.services.process import ServiceError

#: The first has no windows and takes half the time of the others.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: What is turned off. Only the last such list counts, so what Playwright turns off stands here again; the first two are
#: ours: a process in reserve for each visitor, and one for each mail in its frame, cost more than the pages do.
WITHOUT = (
    "SpareRendererForSitePerProcess",
    "IsolateSandboxedIframes",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)

#: The browser talks to nobody but us, and draws without a screen or a graphics card.
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    f"--disable-features={','.join(WITHOUT)}",
)


def find(playwright: Playwright | None = None) -> Path | None:
    """Give the path of a Chromium on this machine, from its packages or from Playwright's own download; or None."""
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    if playwright is None:
        with sync_playwright() as started:
            return find(started)
    own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def bring() -> Path:
    """Give the path of a Chromium, installing one first if there is none. Raises ServiceError if nothing works."""
    if not shutil.which(NAMES[0]) and apt.may_install():
        with suppress(subprocess.CalledProcessError):
            apt.install(NAMES[:1])
    if path := find():
        return path
    if apt.may_install():
        with suppress(subprocess.CalledProcessError):
            apt.install(NAMES[1:2])
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True)
    if path := find():
        return path
    raise ServiceError("The tests need Chromium: install your system's package chromium-headless-shell or chromium.")


@contextmanager
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Give a running browser without a window."""
    path = find(playwright)
    if path is None:
        raise ServiceError("There is no Chromium: run python -m tests.services.bring")
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    running = playwright.chromium.launch(executable_path=path, args=arguments)
    try:
        yield running
    finally:
        running.close()
