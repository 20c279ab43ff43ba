"""The admin pages of `data_tools`: the feature flags, the accounts of users, and tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join

from data_tools.features import Feature
from data_tools.models import ApiToken, DataSource, FeatureFlag, UserQuotas
from data_tools.quotas.usage import usage_of
from data_tools.services import erasure_service
from session_events.removal import streams_of_user


class FeatureFlagForm(ModelForm):
    name = ChoiceField(choices=[(feature.value, feature.value) for feature in Feature])

    class Meta:
        model = FeatureFlag
        fields = ("name", "is_on")


@admin.register(FeatureFlag)
class FeatureFlagAdmin(admin.ModelAdmin):
    """The switches of `data_tools.features`. A feature without a row is on."""

    form = FeatureFlagForm
    list_display = ("name", "is_on", "changed_at")


class UserQuotasInline(admin.StackedInline):
    """How much the user may keep, where that differs from the settings.

    Shown to staff who may view `UserQuotas`, and changed by those who may change them.
    """

    model = UserQuotas
    can_delete = False


class AccountAdmin(UserAdmin):
    """Django's pages for users, without what the users typed, and with what they keep.

    Django's own page that asks before it deletes lists every object that goes, datasets by their
    names; this one counts them.
    """

    inlines = (UserQuotasInline,)
    readonly_fields = ("usage",)
    fieldsets = (*(UserAdmin.fieldsets or ()), ("What the user keeps", {"fields": ("usage",)}))

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[InlineModelAdmin]]:
        return [*super().get_inlines(request, obj)] if obj is not None else []

    @admin.display(description="used")
    def usage(self, user: User) -> str:
        """Return how much of each quota is used: figures only, no names of datasets."""
        return format_html_join(
            "",
            "<p>{}: {} of {}</p>",
            (
                (quota.replace("_", " "), f"{usage.used:,}", f"{usage.limit:,}")
                for quota, usage in usage_of(user.pk).items()
            ),
        )

    def get_deleted_objects(
        self, objs: Iterable[User], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return what goes with these users, by counts, and which permissions are missing."""
        users = list(objs)
        datasets = DataSource.objects.filter(owner__in=users).count()
        counts = {"users": len(users), "datasets": datasets}
        counts["sessions"] = sum(len(streams_of_user(user.pk)) for user in users)
        return [user.get_username() for user in users], counts, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Erase the user as `manage.py erase_user` does, and note it without their name."""
        user_id = obj.pk
        erasure_service.erase(obj, removed_by=f"user {request.user.pk} in the admin")
        if user_id == request.user.pk:
            return
        LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(user_id),
            object_repr=f"user {user_id}",
            action_flag=DELETION,
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self.delete_model(request, user)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete outside of the one transaction that Django would use: see `erase`."""
        return self._delete_view(request, object_id, extra_context)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[User]) -> None:
        """Note nothing before the deletion: Django would note the name."""


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Shows which tokens exist and when they were used. They can be ended, but not changed.

    Their names are left out, because users typed them.
    """

    fields = ("user", "token_key", "created", "last_used_at", "expiry")
    list_display = ("token_key", "user", "created", "last_used_at", "expiry")
    list_select_related = ("user",)
    search_fields = ("token_key", "user__username")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False


admin.site.unregister(User)
admin.site.register(User, AccountAdmin)
