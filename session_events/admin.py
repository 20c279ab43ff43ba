"""The log in Django's admin: everything can be inspected, nothing changed, not even by superusers.

`view_sessionstream` allows the list and the page of each session, with types of events, codes and
counts. What users typed needs `view_sessionevent` as well: sentences, names of columns, views,
payloads, verification and export. Taking a snapshot needs `add_sessionsnapshot`. All three actions
are POST requests and write no event.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from session_events import integrity, snapshot_jobs
from session_events.inspection import stream_report, timeline
from session_events.inspection.event_report import event_report
from session_events.inspection.export import export_lines
from session_events.inspection.stream_filters import (
    DamageFilter,
    LastActivityFilter,
    OpenFilter,
    StatusFilter,
)
from session_events.inspection.stream_list import StreamList
from session_events.inspection.stream_search import named_by
from session_events.inspection.wording import defect_in_words
from session_events.models import SessionStream
from session_events.snapshot_jobs import SnapshotOutcome
from session_events.state import Status

_VIEW_EVENTS = "session_events.view_sessionevent"
_TAKE_SNAPSHOTS = "session_events.add_sessionsnapshot"
_LARGEST_SEQUENCE = 2**63 - 1

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[SessionStream]
else:  # generic in its stubs only
    _ModelAdmin = admin.ModelAdmin


@admin.register(SessionStream)
class SessionStreamAdmin(_ModelAdmin):
    """Sessions, latest activity first."""

    list_display = (
        "session",
        "user",
        "dataset",
        "status",
        "version",
        "last_activity",
        "snapshot_lag",
        "integrity",
    )
    list_display_links = ("session",)
    list_filter = (StatusFilter, OpenFilter, LastActivityFilter, DamageFilter)
    list_select_related = ()  # users are fetched for the page's rows only, without a sorted join
    list_per_page = 50
    sortable_by = ()
    search_fields = ("id",)  # shows the search box; `get_search_results` searches
    search_help_text = (
        "The exact id of a session, dataset, event or trace, or the exact name of a user."
    )
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # facets count rows
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SessionStream | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SessionStream | None = None) -> bool:
        return False

    # The list

    def session(self, stream: SessionStream) -> str:
        return format_html('<code title="{}">{}…</code>', stream.pk, str(stream.pk)[:13])

    def dataset(self, stream: SessionStream) -> str:
        return format_html(
            '<a href="?q={0}" title="All sessions on {0}"><code>…{1}</code></a>',
            stream.dataset_id,
            str(stream.dataset_id)[-13:],
        )

    def last_activity(self, stream: SessionStream) -> str:
        return f"{stream.last_event_at:%Y-%m-%d %H:%M:%S}"

    def snapshot_lag(self, stream: SessionStream) -> str:
        newest = stream.snapshots_seen.newest  # type: ignore[attr-defined]
        return "none taken" if newest is None else f"{stream.version - newest:,} events"

    def integrity(self, stream: SessionStream) -> str:
        if stream.defect:
            return format_html('<b class="damaged">{}</b>', stream.defect)
        quarantined = stream.snapshots_seen.quarantined  # type: ignore[attr-defined]
        if quarantined:
            return format_html('<b class="damaged">{} snapshot(s) quarantined</b>', quarantined)
        if stream.verified_version is None:
            return "—"
        return f"verified to {stream.verified_version:,}"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[StreamList]:
        return StreamList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SessionStream], search_term: str
    ) -> tuple[QuerySet[SessionStream], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(named_by(search_term)), False

    @method_decorator(require_safe)
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": "Sessions", "subtitle": None, **(extra_context or {})}
        return super().changelist_view(request, context)

    # One session

    def get_urls(self) -> list[URLPattern]:
        def named(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(
                f"<uuid:stream_id>/{route}",
                self.admin_site.admin_view(view),
                name=f"session_events_sessionstream_{name}",
            )

        return [
            named("events/<int:sequence>/", self.event_view, "event"),
            named("verify/", self.verify_view, "verify"),
            named("snapshot/", self.snapshot_view, "snapshot"),
            named("export/", self.export_view, "export"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a session's page, at the version of ``?at_version=`` if there is one."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        stream = self._stream(request, _uuid_or_404(object_id))
        head = stream_report.head_of(stream)
        at_version = _number(request, "at_version", largest=head.position.version)
        state, replayed = stream_report.state_at_and_now(head, at_version)
        before = _number(request, "before", largest=_LARGEST_SEQUENCE)
        context = {
            **self._page(request, stream),
            "head_hash": head.position.hash.hex(),
            "at_version": at_version,
            "before": before,
            "state": state,
            "verdict": stream_report.verdict(head, replayed),
            "snapshots": stream_report.snapshot_lines(stream, replayed),
            "snapshot_lag": head.position.version - (replayed.snapshot_sequence or 0),
            "timeline": timeline.page(stream.pk, before=before),
            "may_see_events": request.user.has_perm(_VIEW_EVENTS),
            "may_take_snapshots": request.user.has_perm(_TAKE_SNAPSHOTS),
        }
        return TemplateResponse(request, "admin/session_events/sessionstream/stream.html", context)

    @method_decorator(require_safe)
    def event_view(self, request: HttpRequest, stream_id: uuid.UUID, sequence: int) -> HttpResponse:
        """Show one event in full, and what it changed."""
        stream = self._stream(request, stream_id, _VIEW_EVENTS)
        event = event_report(stream.pk, sequence) if 0 < sequence <= _LARGEST_SEQUENCE else None
        if event is None:
            raise Http404(f"There is no event {sequence} in session {stream_id}.")
        context = {
            **self._page(request, stream),
            "event": event,
            "may_see_events": True,
            "state": stream_report.state_at(stream_report.head_of(stream), sequence),
        }
        return TemplateResponse(request, "admin/session_events/sessionstream/event.html", context)

    @method_decorator(require_POST)
    def verify_view(self, request: HttpRequest, stream_id: uuid.UUID) -> HttpResponse:
        """Replay the whole log from its first event, and show the result."""
        stream = self._stream(request, stream_id, _VIEW_EVENTS)
        if _has_unknown_status(request, stream):
            return _back_to(stream)
        verification = integrity.verify(stream.pk)
        if verification is None:
            raise Http404(f"Session {stream_id} was removed.")
        if verification.defect is None:
            text = f"Verified: all {verification.version:,} events are as they were written."
            messages.success(request, text)
        else:
            trusted = f"The {verification.version:,} events before it are as written."
            messages.error(request, f"{defect_in_words(verification.defect)}. {trusted}")
        for sequence, reason in verification.quarantined.items():
            messages.error(request, f"Snapshot at {sequence:,} quarantined: {reason}.")
        return _back_to(stream)

    @method_decorator(require_POST)
    def snapshot_view(self, request: HttpRequest, stream_id: uuid.UUID) -> HttpResponse:
        """Take a snapshot at the session's present version."""
        stream = self._stream(request, stream_id, _TAKE_SNAPSHOTS)
        if _has_unknown_status(request, stream):
            return _back_to(stream)
        match snapshot_jobs.take_at_head(stream.pk):
            case SnapshotOutcome.TAKEN:
                messages.success(request, f"Snapshot taken at version {stream.version:,}.")
            case SnapshotOutcome.NOT_NEEDED:
                text = f"There is a snapshot at version {stream.version:,} already."
                messages.info(request, text)
            case SnapshotOutcome.UNREADABLE:
                messages.error(request, "No snapshot taken: the log cannot be read to its end.")
            case SnapshotOutcome.NO_STREAM:
                raise Http404(f"Session {stream_id} was removed.")
        return _back_to(stream)

    @method_decorator(require_POST)
    def export_view(self, request: HttpRequest, stream_id: uuid.UUID) -> StreamingHttpResponse:
        """Stream the log as JSON Lines; see ``docs/inspection.md``."""
        stream = self._stream(request, stream_id, _VIEW_EVENTS)
        return StreamingHttpResponse(
            export_lines(stream_report.head_of(stream)),
            content_type="application/jsonl",
            headers={"Content-Disposition": f'attachment; filename="session-{stream.pk}.jsonl"'},
        )

    def _stream(
        self, request: HttpRequest, stream_id: uuid.UUID, permission: str | None = None
    ) -> SessionStream:
        allowed = self.has_view_permission(request)
        if not allowed or (permission is not None and not request.user.has_perm(permission)):
            raise PermissionDenied
        return get_object_or_404(SessionStream.objects.select_related("user"), pk=stream_id)

    def _page(self, request: HttpRequest, stream: SessionStream) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Session {stream.pk}",
            "stream": stream,
        }


def _has_unknown_status(request: HttpRequest, stream: SessionStream) -> bool:
    """Tell, and show a message, if the head holds a status that this service never writes.

    No service reads such a stream.
    """
    if stream.status in {status.value for status in Status}:
        return False
    messages.error(request, f"The head's status is damaged: {stream.status}.")
    return True


def _back_to(stream: SessionStream) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        reverse("admin:session_events_sessionstream_change", args=[stream.pk])
    )


def _uuid_or_404(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404(f"{text} is not a session id.") from None


def _number(request: HttpRequest, name: str, *, largest: int) -> int | None:
    """Return the number in a query parameter, limited to 1 to `largest`; None if there is none."""
    text = request.GET.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return min(max(int(text), 1), largest)
