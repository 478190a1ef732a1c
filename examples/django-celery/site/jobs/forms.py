"""What people send."""

from django.contrib.auth import get_user_model
from rest_framework import serializers
from rest_framework.validators import UniqueValidator


class Form(serializers.Serializer):
    """What is sent is read or refused."""

    @classmethod
    def read(cls, request):
        """The fields; anything that does not fit is answered with 400."""
        form = cls(data=request.data)
        form.is_valid(raise_exception=True)
        return form.validated_data


class SignUp(Form):
    """A new user. The name is the user's id at the identity service as well."""

    username = serializers.SlugField(
        max_length=100, validators=[UniqueValidator(get_user_model().objects.all())]
    )
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class NewPost(Form):
    """What is to be computed; with the key of this id, unless it is to be the newest."""

    prompt = serializers.CharField(max_length=10_000)
    key = serializers.CharField(max_length=64, required=False)


class Rotation(Form):
    """How long the old key goes on."""

    overlap = serializers.CharField(max_length=20, default="24h")
