"""`manage.py legacy_user NAME`: a user from the time before the identity service."""

import os

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from rest_framework_api_key.models import APIKey

from jobs.models import ServiceKey


class Command(BaseCommand):
    """Makes the user, with a key of djangorestframework-api-key for their jobs, and prints its prefix."""

    help = "Makes a user with a key of djangorestframework-api-key; the password is $LEGACY_USER_PASSWORD."

    def add_arguments(self, parser):
        parser.add_argument("username")

    @transaction.atomic
    def handle(self, *args, username, **options):
        user = get_user_model().objects.create_user(username, password=os.environ["LEGACY_USER_PASSWORD"])
        # The package knows of no users: the name says whose key it is, and the import goes by it.
        legacy, text = APIKey.objects.create_key(name=username)
        ServiceKey.objects.create(user=user, key_id=legacy.prefix, text=text)
        self.stdout.write(legacy.prefix)
