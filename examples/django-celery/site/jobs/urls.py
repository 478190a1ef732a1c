"""Where the site's views are."""

from django.urls import path

from jobs import views

urlpatterns = [
    path("sign-up", views.sign_up),
    path("posts", views.posts),
    path("posts/<uuid:job>", views.post),
    path("key/rotate", views.rotate),
]
