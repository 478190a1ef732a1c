"""The site: people sign up, and post what is computed later."""

from celery.result import AsyncResult
from django.contrib.auth import get_user_model
from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from jobs import identity
from jobs.forms import NewPost, Rotation, SignUp
from jobs.models import ServiceKey
from jobs.tasks import submit


@api_view(["POST"])
@permission_classes([AllowAny])
def sign_up(request):
    """A user of the site is a user of every service behind the edge."""
    form = SignUp.read(request)
    with transaction.atomic():
        user = get_user_model().objects.create_user(form["username"], password=form["password"])
        key = identity.sign_up(user.username)
        ServiceKey.objects.create(user=user, key_id=key["id"], text=key["key"])
    return Response({"username": user.username, "key": {"id": key["id"], "start": key["start"]}}, status=201)


@api_view(["POST"])
def posts(request):
    """Puts the job into the queue, with whose it is: the newest key, or the one that is named."""
    form, keys = NewPost.read(request), request.user.service_keys
    key = get_object_or_404(keys, key_id=form["key"]) if "key" in form else keys.latest()
    made = request.user.posts.create()
    submit.apply_async((request.user.username, key.key_id, form["prompt"]), task_id=str(made.job))
    return Response({"job": made.job, "key": key.key_id}, status=202)


@api_view(["GET"])
def post(request, job):
    """How a job of the user's stands."""
    made = get_object_or_404(request.user.posts, job=job)
    result = AsyncResult(str(made.job))
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
    key = identity.rotate(held.key_id, Rotation.read(request)["overlap"])
    ServiceKey.objects.create(user=request.user, key_id=key["id"], text=key["key"])
    return Response({"key": {"id": key["id"], "start": key["start"]}, "old": held.key_id}, status=201)
