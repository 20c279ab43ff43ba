"""Endpoints for recipes: take one from a session, apply one to another."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.recipes import read_recipe
from data_tools.services import recipe_service
from data_tools.views.api import presentation
from data_tools.views.api.studio_view import (
    PastFields,
    StudioView,
    fields_of,
    query_fields_of,
    requested_rows,
    session_request,
)


class RecipeView(StudioView):
    """The session's operations as a portable recipe, also after its dataset was deleted."""

    is_existing_endpoint = False

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = query_fields_of(request, PastFields)
        recipe, session = recipe_service.recipe_of(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            session_id=fields.get("session_id"),
            at_version=fields.get("at_version"),
        )
        return Response(
            {
                "success": True,
                "session_id": str(session.head.stream_id),
                "version": session.head.position.version,
                "recipe": recipe,
            }
        )


class ApplyRecipeFields(serializers.Serializer[None]):
    recipe = serializers.JSONField()
    dry_run = serializers.JSONField(default=False)


class ApplyRecipeView(StudioView):
    """Apply what fits of a recipe to this session, or say with `dry_run` what would."""

    is_existing_endpoint = False

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
        fitting = sum(step.prepared is not None for step in applied.steps)
        message = f"{fitting} of {len(applied.steps)} operations fit"
        if applied.is_repeat:
            message = "Already applied"
        elif not dry_run:
            message = f"Applied {fitting} of {len(applied.steps)} operations"
        return Response(
            {
                **presentation.full_body(applied.data, message, paged=rows.is_paged),
                "dry_run": dry_run,
                "applied": 0 if dry_run else fitting,
                "fits": fitting,
                "does_not_fit": len(applied.steps) - fitting,
                "report": presentation.recipe_report(applied.steps),
                "repeated": applied.is_repeat,
            }
        )
