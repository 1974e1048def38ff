"""The blueprint that all doors of this room hang on."""

from flask import Blueprint

bp = Blueprint("events", "nextevents.events", template_folder="templates")
