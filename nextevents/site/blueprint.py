"""The blueprint that all doors of this room hang on."""

from flask import Blueprint

bp = Blueprint("site", "nextevents.site", template_folder="templates")
