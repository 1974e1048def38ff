"""The web's door."""

from .app import create_app
from .settings import from_environment

app = create_app(from_environment())
