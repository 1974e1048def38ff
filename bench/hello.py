"""A do-nothing Flask application: what this machine can do at all."""

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/")
def hello() -> str:
    """A greeting, and nothing else."""
    return "hello"
