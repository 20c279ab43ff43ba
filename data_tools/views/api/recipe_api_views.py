"""Endpoints for recipes: export one from a session, apply one to another."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.history_answers import recipe_applied_body, recipe_body
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.recipes import read_recipe
from data_tools.services import recipe_service
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView
from data_tools.views.api.studio_view import (
    PastFields,
    fields_of,
    query_fields_of,
    requested_rows,
    session_request,
)


class RecipeView(ApiView):
    """The session's operations as a portable recipe, even after its dataset was deleted."""

    work = Work.LIGHT

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = query_fields_of(request, PastFields)
        recipe, session = recipe_service.recipe_of(
            user_id=request.user.pk, datasource_id=datasource_id, **fields
        )
        return Response(recipe_body(recipe, session))


class ApplyRecipeFields(serializers.Serializer[None]):
    recipe = serializers.JSONField()
    dry_run = serializers.JSONField(default=False)


class ApplyRecipeView(ApiView):
    """Apply the steps of a recipe that fit, or with `dry_run` tell which would."""

    work = Work.LIGHT_OR_HEAVY

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        fields = fields_of(request, ApplyRecipeFields)
        dry_run = fields["dry_run"]
        if not isinstance(dry_run, bool):
            raise InvalidParameter("dry_run", "must be true or false")
        steps = read_recipe(fields["recipe"])
        applied = recipe_service.apply_recipe(
            session_request(request, datasource_id, rows), steps=steps, dry_run=dry_run
        )
        return Response(recipe_applied_body(applied, dry_run=dry_run, paged=rows.is_paged))
