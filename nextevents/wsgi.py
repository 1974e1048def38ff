"""The web's door."""

import gc

from .app import create_app
from .settings import from_environment

app = create_app(from_environment())
# gunicorn forks its workers from here: what stands by now is shared by them, and no collection has to look through it.
gc.freeze()
