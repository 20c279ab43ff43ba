"""What every endpoint of the API does with a request first: body parsers, limits, flags."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import IO, Any, ClassVar

import orjson
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from data_tools.exceptions import InvalidBody, LengthRequired, PayloadTooLarge
from data_tools.features import Feature, is_on
from data_tools.http.addresses import mount_of
from data_tools.http.admission import let_in
from data_tools.http.capabilities import CAPABILITIES_HEADER
from data_tools.observing.activity import note
from data_tools.under_way.requests import Work, current
from data_tools.views.api.answer_budget import sent_in_place_of

# Deeper than any valid request, and far from the limit of Python's own stack.
MAX_BODY_DEPTH = 32


class JSONBodyParser(BaseParser):
    """Reads JSON of bounded size and depth, in UTF-8 whatever charset is claimed (RFC 8259)."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's value.

        Raises:
            ParseError: the body is not JSON.
            InvalidBody: it is nested deeper than any valid request.
            And as `_whole`.
        """
        body = _whole(stream, parser_context)
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"JSON parse error - {error}") from error
        # Only a body with as many brackets can be that deep. To look into every value takes time.
        if body.count(b"[") + body.count(b"{") > MAX_BODY_DEPTH and _is_deeper(
            value, MAX_BODY_DEPTH
        ):
            raise InvalidBody(
                f"The request's body is nested deeper than {MAX_BODY_DEPTH} levels.",
                maximum_depth=MAX_BODY_DEPTH,
            )
        return value


class FormBodyParser(BaseParser):
    """Reads an HTML form of bounded size, in UTF-8. Of repeated fields, the last one counts."""

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> QueryDict:
        """Return the fields.

        Raises:
            TooManyFieldsSent: the body has more fields than Django's setting allows.
            And as `_whole`; of a body that broke off, the last field may be incomplete.
        """
        return QueryDict(_whole(stream, parser_context), encoding="utf-8")


class ApiView(APIView):
    """Base of every endpoint.

    While the flag `feature` is off, the endpoint does not exist. Calls count against the limit
    `rate_class`, and those that change something against `rate_class_of_changes` if that is set;
    see `throttling`. `work` says what answering reads, and `work_of_changes` the same for requests
    that change something, if that differs; see Note [Gates] in `under_way.admission`. With
    `tells_rate_limit`, every answer has headers with the caller's use of the limit; with
    `tells_response_time`, it always has `X-Response-Time`.
    """

    parser_classes = (JSONBodyParser,)
    feature: ClassVar[Feature | None] = None
    rate_class: ClassVar[str] = ""
    rate_class_of_changes: ClassVar[str] = ""
    work: ClassVar[Work] = Work.LIGHT
    work_of_changes: ClassVar[Work | None] = None
    calls_let_in: ClassVar[bool] = True  # read by AdmissionMiddleware
    tells_rate_limit: ClassVar[bool] = False
    tells_response_time: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if "datasource_id" in kwargs:
            note(dataset_id=str(kwargs["datasource_id"]))
        if self.feature is not None and not is_on(self.feature):
            raise Http404
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            _require_plain_body(request)
        let_in(user_id=request.user.pk if request.user else None, work=self.work_of(request))

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        note(user_id=request.user.pk if request.user else None)
        if request.user and (under_way := current()):
            under_way.is_of_user(request.user.pk)

    def work_of(self, request: Request) -> Work:
        """Return what the answer to this request reads."""
        if request.method == "OPTIONS":
            return Work.LIGHT
        if request.method in SAFE_METHODS or self.work_of_changes is None:
            return self.work
        return self.work_of_changes

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with `Allow` and no body; `/api/schema/` describes the methods."""
        return Response(status=HTTPStatus.NO_CONTENT)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, [CAPABILITIES_HEADER])
        if isinstance(response, Response):
            response.add_post_render_callback(
                partial(
                    sent_in_place_of,
                    request=request,
                    mount=mount_of(kwargs["datasource_id"]) if "datasource_id" in kwargs else "",
                    is_existing_endpoint=getattr(self, "is_existing_endpoint", False),
                )
            )
            response.add_post_render_callback(self._let_go_of)
        standing = getattr(request, "rate_limit_standing", None)
        for name, value in ({} if standing is None else standing.headers).items():
            response.headers[name] = value
        return response

    def _let_go_of(self, response: Response) -> None:
        """Drop a rendered answer's values, and let its bytes be freed once they were sent.

        The answer and this view would hold each other until Python looks for such circles, which
        it does rarely: a process held 45 MB for each of its last large answers.
        """
        self.response = None
        response.renderer_context = None
        response.data = None


class ExistingView(ApiView):
    """Base of the endpoints that existing clients call.

    For the two flags see Note [Two forms of an error] in `error_answers`.
    """

    is_existing_endpoint: ClassVar[bool] = True
    answers_200_when_refused: ClassVar[bool] = False


def object_of(request: Request) -> Mapping[str, Any]:
    """Return the body, which must be a JSON object. An empty body counts as an empty object.

    Raises:
        InvalidBody: the body is another JSON value.
    """
    if not isinstance(request.data, Mapping):
        raise InvalidBody
    return request.data


def validated(serializer: Serializer[None]) -> dict[str, Any]:
    """Return the value of each field; None for an optional one without a value.

    Raises:
        ValidationError: a field does not have a valid value.
    """
    serializer.is_valid(raise_exception=True)
    return {name: serializer.validated_data.get(name) for name in serializer.fields}


def _require_plain_body(request: Request) -> None:
    """Reject a body that would be misread.

    Django reads as much as `Content-Length` says, so nothing of a body in chunks: a command would
    run without its `expected_version`, a dataset would be saved without its name.

    Raises:
        LengthRequired: the body comes in chunks.
        UnsupportedMediaType: it is compressed.
    """
    if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
        raise LengthRequired
    coding = request.headers.get("Content-Encoding", "")
    if coding.lower() not in ("", "identity"):
        raise UnsupportedMediaType(
            coding, f"Send the body as it is: Content-Encoding {coding} is not read here."
        )


def _whole(stream: IO[bytes], parser_context: Mapping[str, Any] | None) -> bytes:
    """Return the body, which must be as long as the request says, and within the limit.

    Raises:
        BadRequest: the body broke off.
        PayloadTooLarge: it is larger than any valid request.
    """
    maximum_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    content = stream.read(maximum_bytes + 1)
    if len(content) > maximum_bytes:
        raise PayloadTooLarge(maximum_bytes=maximum_bytes)
    request = (parser_context or {}).get("request")
    if request is not None and len(content) < int(request.META.get("CONTENT_LENGTH") or 0):
        raise BadRequest("the body broke off")
    return content


def _is_deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and objects are nested deeper than `levels`, without recursion."""
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(value, dict | list) for value in level)
