"""The blueprint that all doors of this room hang on."""

from flask import Blueprint

bp = Blueprint("office", "nextevents.office", template_folder="templates")
