"""The admin pages of `data_tools`: the feature flags."""

from __future__ import annotations

from django.contrib import admin
from django.forms import ChoiceField, ModelForm

from data_tools.features import Feature
from data_tools.models import FeatureFlag


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
