"""The worker's door: Celery tasks by bell, chores by clock."""

from .app import create_app
from .communities import tasks as communities_tasks
from .events import tasks as events_tasks
from .ground.queue import start_looking_around
from .mailing import tasks as mailing_tasks
from .newsroom import tasks as newsroom_tasks
from .people import tasks as people_tasks
from .settings import from_environment

TASKS = (communities_tasks, events_tasks, mailing_tasks, newsroom_tasks, people_tasks)

app = create_app(from_environment())
celery = app.extensions["celery"]
if app.config["REDIS_URL"]:
    # Workers wait for news on their connection, so it must live longer than the publishers' one second.
    celery.conf.broker_transport_options = {"socket_timeout": 10, "socket_connect_timeout": 2}
start_looking_around(app)
