"""Where everything is mounted. `data_tools.urls` lists the API and its pages."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from data_tools.views.pages import SignInView

urlpatterns = [
    path("admin/", admin.site.urls),
    path(
        "accounts/login/",
        SignInView.as_view(extra_context={"demo_user": settings.DEMO_USER}),
        name="login",
    ),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("", include("data_tools.urls")),
]

handler400 = "data_tools.views.fallbacks.bad_request"
handler404 = "data_tools.views.fallbacks.not_found"
handler500 = "data_tools.views.fallbacks.server_error"
