"""What the site keeps of its users beside Django's own table."""

import uuid

from django.conf import settings
from django.db import models


class ServiceKey(models.Model):
    """An API key with which jobs of a user call other services: the newest one, and those before it
    that jobs in the queue still name.

    A worker needs the text. In production, encrypt the column with what your platform has for it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="service_keys")
    key_id = models.CharField(max_length=64, unique=True)
    text = models.CharField(max_length=256)

    class Meta:
        """The last one is the newest."""

        get_latest_by = "id"


class Post(models.Model):
    """What somebody posted: only they see what became of it."""

    job = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts")
