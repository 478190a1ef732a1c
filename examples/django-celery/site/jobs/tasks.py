"""What runs hours later, without a request and without a session."""

import requests
from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings

from jobs.models import ServiceKey

log = get_task_logger(__name__)


class KeyRefused(Exception):
    """The compute server does not accept the key. Trying again cannot help."""


class Later(Exception):
    """The compute server cannot answer now, or the user's budget is used up."""


@shared_task(bind=True, max_retries=5)
def submit(self, username, key_id, prompt):
    """Posts one job with the key of the user whose job it is: one header, and nothing else.

    The queue carries the key's id, never its text.
    """
    key = ServiceKey.objects.get(key_id=key_id).text
    try:
        answer = requests.post(
            settings.COMPUTE_URL + "/v1/ai/jobs",
            json={"prompt": prompt},
            headers={"Authorization": f"Api-Key {key}"},
            timeout=10,
        )
    except requests.ConnectionError as error:
        raise self.retry(exc=Later(str(error)), countdown=1)
    if answer.status_code in (429, 503):
        wait = int(answer.headers.get("Retry-After", "1"))
        raise self.retry(exc=Later(f"status {answer.status_code}"), countdown=wait)
    if answer.status_code == 401:
        log.error(
            "job %s of %s was refused with 401: its API key was revoked or has ended, or the user is gone; "
            "it is not tried again",
            self.request.id,
            username,
        )
        raise KeyRefused(f"401 for a job of {username}")
    answer.raise_for_status()
    return answer.json()
