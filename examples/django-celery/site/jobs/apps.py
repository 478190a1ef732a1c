"""The site's one application."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs, and the keys they call with."""

    name = "jobs"
