"""The site's one application. Its Celery is there wherever Django is: `shared_task` goes by it."""

from worker import app as celery_app

__all__ = ["celery_app"]
