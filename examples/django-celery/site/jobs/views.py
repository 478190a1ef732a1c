"""The site: people sign up, and post what is computed later."""

from celery.result import AsyncResult
from django.contrib.auth import get_user_model
from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from jobs import identity
from jobs.models import ServiceKey
from jobs.tasks import submit


@api_view(["POST"])
@permission_classes([AllowAny])
def sign_up(request):
    """A user of the site is a user of every service behind the edge."""
    username, password = request.data["username"], request.data["password"]
    with transaction.atomic():
        user = get_user_model().objects.create_user(username, password=password)
        key = identity.sign_up(username)
        ServiceKey.objects.create(user=user, key_id=key["id"], text=key["key"])
    return Response({"username": username, "key": {"id": key["id"], "start": key["start"]}}, status=201)


@api_view(["POST"])
def posts(request):
    """Puts the job into the queue, with whose it is: the newest key, or the one that is named."""
    keys = request.user.service_keys
    key = get_object_or_404(keys, key_id=request.data["key"]) if "key" in request.data else keys.latest()
    task = submit.delay(request.user.username, key.key_id, request.data["prompt"])
    return Response({"job": task.id, "key": key.key_id}, status=202)


@api_view(["GET"])
def post(request, job):
    """How the job stands."""
    result = AsyncResult(job)
    answer = {"state": result.state}
    if result.state == "SUCCESS":
        answer["result"] = result.result
    elif result.state == "FAILURE":
        answer["error"] = f"{type(result.result).__name__}: {result.result}"
    return Response(answer)


@api_view(["POST"])
def rotate(request):
    """A new key for the user's jobs. Those in the queue go on with the old one until its deadline."""
    held = request.user.service_keys.latest()
    key = identity.rotate(held.key_id, request.data.get("overlap", "24h"))
    ServiceKey.objects.create(user=request.user, key_id=key["id"], text=key["key"])
    return Response({"key": {"id": key["id"], "start": key["start"]}, "old": held.key_id}, status=201)
