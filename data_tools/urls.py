"""The API's addresses: one list of endpoints, answered at three mounts."""

from __future__ import annotations

from django.urls import include, path

from data_tools.views import health, metrics, pages
from data_tools.views.api import (
    column_api_views,
    data_api_views,
    datasource_api_views,
    document_views,
    event_api_views,
    export_api_views,
    operation_api_views,
    recent_session_views,
    recipe_api_views,
    session_api_views,
    token_api_views,
    transform_api_views,
    usage_api_views,
    version_api_views,
)

studio = [
    path("session/initialize/", session_api_views.InitializeView.as_view()),
    path("session/status/", session_api_views.StatusView.as_view()),
    path("session/undo/", session_api_views.undo),
    path("session/redo/", session_api_views.redo),
    path("session/reset/", session_api_views.reset),
    path("session/pause/", session_api_views.PauseView.as_view()),
    path("session/resume/", session_api_views.resume),
    path("session/clear/", session_api_views.ClearView.as_view()),
    path("session/save/", session_api_views.SaveView.as_view()),
    path("session/validate/", session_api_views.ValidateView.as_view()),
    path("session/recover/", session_api_views.RecoverView.as_view()),
    path("session/fork/", version_api_views.ForkView.as_view()),
    path("session/recipe/", recipe_api_views.RecipeView.as_view()),
    path("session/apply-recipe/", recipe_api_views.ApplyRecipeView.as_view()),
    path("session/changes/", version_api_views.ChangesView.as_view()),
    path("session/rename-column/", operation_api_views.rename_column),
    path("session/change-column-type/", operation_api_views.change_column_type),
    path("session/fill-missing-values/", operation_api_views.fill_missing_values),
    path("transform/columns/", transform_api_views.TransformColumnsView.as_view()),
    path("transform/imputation/", transform_api_views.imputation),
    path("transform/encoding/", transform_api_views.encoding),
    path("transform/scaling/", transform_api_views.scaling),
    path("transform/outliers/", transform_api_views.outliers),
    path("transform/engineering/", transform_api_views.TransformEngineeringView.as_view()),
    path("operations/", operation_api_views.OperationsView.as_view()),
    path("session/events/", event_api_views.EventsView.as_view()),
    path("session/activity/", event_api_views.ActivityView.as_view()),
    path("session/column-statistics/", column_api_views.ColumnStatisticsView.as_view()),
    path("nan/analysis/", column_api_views.MissingValuesView.as_view()),
    path("columns/", column_api_views.ColumnsView.as_view()),
    path("columns/values/", column_api_views.ColumnValuesView.as_view()),
    path("columns/<path:column>/values/", column_api_views.ColumnValuesView.as_view()),
    path("columns/histogram/", column_api_views.ColumnHistogramView.as_view()),
    path("columns/<path:column>/histogram/", column_api_views.ColumnHistogramView.as_view()),
    path("nan/quick-clean/", operation_api_views.QuickCleanView.as_view()),
    path("data/", data_api_views.DataView.as_view()),
    path("data/cell/", data_api_views.CellView.as_view()),
    path("export/", export_api_views.ExportView.as_view()),
]

# The first is canonical; existing clients use the other two.
MOUNTS = ("api/studio/", "tools/api/studio/", "data-tools/api/studio/")

urlpatterns = [
    *(path(f"{mount}<uuid:datasource_id>/", include(studio)) for mount in MOUNTS),
    path("tools/api/get_data/<uuid:datasource_id>/", data_api_views.DataViewerView.as_view()),
    path("api/datasources/", datasource_api_views.DatasourceListView.as_view()),
    path("api/datasources/preview/", datasource_api_views.DatasourcePreviewView.as_view()),
    path(
        "api/datasources/<uuid:datasource_id>/",
        datasource_api_views.DatasourceView.as_view(),
    ),
    path(
        "api/datasources/<uuid:datasource_id>/file/",
        datasource_api_views.DatasourceFileView.as_view(),
    ),
    path(
        "api/datasources/<uuid:datasource_id>/sessions/",
        usage_api_views.EndedSessionsView.as_view(),
    ),
    path("api/sessions/", recent_session_views.RecentSessionsView.as_view()),
    path("api/account/usage/", usage_api_views.UsageView.as_view()),
    path("api/schema/", document_views.DocumentView.as_view(), name="schema"),
    path("api/docs/", document_views.DocumentPageView.as_view()),
    path("api/auth/token/", token_api_views.TokenView.as_view()),
    path("api/auth/token/rotate/", token_api_views.RotateTokenView.as_view()),
    path("api/auth/token/<uuid:token_id>/", token_api_views.OneTokenView.as_view()),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("", pages.datasets, name="home"),
    path("studio/<uuid:datasource_id>/", pages.studio, name="studio"),
]
