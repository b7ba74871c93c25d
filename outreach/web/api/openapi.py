"""The OpenAPI document, made from the list of routes and the shapes that the handlers use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from outreach.items.content import Content
from outreach.items.kinds import FIELDS
from outreach.web.api import (
    account_shapes,
    bodies,
    comments,
    edition_shapes,
    import_shapes,
    item_shapes,
    list_shapes,
    month_shapes,
    post_shapes,
    problem_shapes,
    proposals,
    referrals,
    takings,
    year_shapes,
)

_TITLE: Final = "Outreach 政务信息公开接口"
_REFERENCE: Final = "#/components/schemas/{model}"
_CHANGES: Final = "ContentChanges"
_MULTIPART: Final = "multipart/form-data"
_FILE: Final = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it does, what it brings and answers, and which statuses besides.

    `body_is_optional`: it may come without a body. `query` names parameters with their meaning; `takes_file` stands for a multipart body with one file,
    `needs_version` for a change that names only what it changes.
    """

    summary: str
    answers: type[BaseModel] | None = None
    brings: type[BaseModel] | None = None
    statuses: tuple[int, ...] = (200,)
    query: Mapping[str, str] | None = None
    takes_file: bool = False
    body_is_optional: bool = False
    needs_version: bool = False


_PAGE: Final = {"limit": "每页条数，1 至 200", "cursor": "上一页给出的 next_cursor"}

CALLS: Final[Mapping[tuple[str, str], Call]] = {
    ("POST", "/api/v1/items"): Call("新建信息；同一 source_id 再次提交返回原信息", item_shapes.ItemShape, Content, (200, 201)),
    ("GET", "/api/v1/items"): Call(
        "信息列表", item_shapes.ItemPage,
        query={"state": "状态", "stage": "环节", "kind": "类别", "section": "科室名称", "text": "标题中的文字或来源编号", **_PAGE},
    ),
    ("GET", "/api/v1/items/{id}"): Call("一条信息", item_shapes.ItemShape),
    ("PATCH", "/api/v1/items/{id}"): Call("修改信息的若干字段（合并补丁）", item_shapes.ItemShape, Content, needs_version=True),
    ("POST", "/api/v1/items/{id}/attachments"): Call("上传一个附件", item_shapes.ItemShape, statuses=(201,), takes_file=True),
    ("POST", "/api/v1/imports"): Call(
        "导入 Excel 工作簿（.xlsx）、JSON Lines 或 CSV 文件", import_shapes.ImportShape, takes_file=True,
        query={"dry_run": "只检查，不保存", "all_or_nothing": "有一行有误就全部不导入"},
    ),
    ("POST", "/api/v1/items/{id}/submit"): Call(
        "提交审核；写明 emergency 的为应急发布，从保密审查开始", item_shapes.ItemShape, bodies.SubmitBody,
        body_is_optional=True,
    ),
    ("POST", "/api/v1/items/{id}/recall"): Call("撤回提交", item_shapes.ItemShape),
    ("POST", "/api/v1/items/{id}/discard"): Call("删除草稿", statuses=(204,)),
    ("POST", "/api/v1/items/{id}/findings/{finding}"): Call("判定疑点", item_shapes.ItemShape, bodies.FindingBody),
    ("POST", "/api/v1/items/{id}/reviews"): Call("在当前环节作出决定", item_shapes.ItemShape, bodies.ReviewBody),
    ("POST", "/api/v1/items/{id}/section-review"): Call(
        "科室对应急发布事后补审：退回的，没有发出则停止，已经发出则建议撤回", item_shapes.ItemShape, bodies.SectionReviewBody
    ),
    ("POST", "/api/v1/items/{id}/section-review/keep"): Call("签发人决定维持公开", item_shapes.ItemShape, bodies.KeepBody),
    ("GET", "/api/v1/items/{id}/referrals"): Call("报请确定的记录", referrals.ReferralList),
    ("POST", "/api/v1/items/{id}/referrals"): Call(
        "在保密审查环节报请确定：信息留在该环节，期限照算，记录答复后才能同意",
        referrals.ReferralShape, bodies.ReferralBody, (201,),
    ),
    ("POST", "/api/v1/items/{id}/referrals/{referral}/answer"): Call(
        "记录报请确定的答复", referrals.ReferralShape, bodies.AnswerBody
    ),
    ("PUT", "/api/v1/items/{id}/not-before"): Call("设定或取消不早于的时间", item_shapes.ItemShape, bodies.EmbargoBody),
    ("GET", "/api/v1/items/{id}/proposals"): Call("遮盖建议的记录", proposals.ProposalList),
    ("POST", "/api/v1/items/{id}/proposals"): Call(
        "退回并附遮盖建议：所列疑点判定属实，信息按“删减后公开”退回", proposals.ProposalShape, bodies.ProposalBody, (201,)
    ),
    ("POST", "/api/v1/items/{id}/proposals/{proposal}/take"): Call(
        "采纳遮盖建议，成为自己的新版本", item_shapes.ItemShape, needs_version=True
    ),
    ("POST", "/api/v1/items/{id}/proposals/{proposal}/drop"): Call("不采纳遮盖建议", proposals.ProposalShape),
    ("GET", "/api/v1/items/{id}/taking"): Call("谁在办理、可以转交给谁、催办过几次", takings.TakingShape),
    ("POST", "/api/v1/items/{id}/taking"): Call("由我办理", takings.TakingShape, bodies.TakingBody),
    ("POST", "/api/v1/items/{id}/taking/hand-on"): Call("转交", takings.TakingShape, bodies.HandOnBody),
    ("POST", "/api/v1/items/{id}/taking/give-back"): Call("交回", takings.TakingShape),
    ("POST", "/api/v1/items/{id}/reminders"): Call("催办，一天一次", takings.TakingShape),
    ("GET", "/api/v1/items/{id}/comments"): Call("段落意见", comments.CommentList),
    ("POST", "/api/v1/items/{id}/comments"): Call(
        "对一段文字提意见", comments.CommentShape, bodies.CommentBody, (201,)
    ),
    ("POST", "/api/v1/items/{id}/comments/{comment}/settle"): Call("标为已处理", comments.CommentShape),
    ("POST", "/api/v1/items/{id}/posts"): Call("安排发布", post_shapes.PlannedPosts, bodies.PlanBody, (200, 201)),
    ("GET", "/api/v1/posts"): Call("发布件列表", post_shapes.PostPage, query={"state": "状态", "account": "账号编号", **_PAGE}),
    ("GET", "/api/v1/posts/{id}"): Call("一个发布件及其各次尝试", post_shapes.FullPostShape),
    ("PATCH", "/api/v1/posts/{id}"): Call("改期：只有待发送的可以改", post_shapes.FullPostShape, bodies.RescheduleBody),
    ("POST", "/api/v1/posts/{id}/cancel"): Call("取消发布", post_shapes.FullPostShape),
    ("POST", "/api/v1/posts/{id}/retry"): Call("重试", post_shapes.FullPostShape),
    ("POST", "/api/v1/posts/{id}/withdraw"): Call("撤回一个已发布的发布件，不能恢复", post_shapes.FullPostShape, bodies.WithdrawBody),
    ("POST", "/api/v1/items/{id}/withdraw"): Call(
        "撤回一条信息的全部发布，不能恢复；公开页立即停止公开", item_shapes.ItemShape, bodies.WithdrawBody
    ),
    ("POST", "/api/v1/items/{id}/withdrawal-days"): Call(
        "设定处罚信息自动撤回的日期，不必重新审核", item_shapes.ItemShape, bodies.DaysBody
    ),
    ("POST", "/api/v1/posts/{id}/resolve"): Call("人工确认结果", post_shapes.FullPostShape, bodies.ResolveBody),
    ("GET", "/api/v1/accounts"): Call("账号列表（不含凭据）", account_shapes.AccountList),
    ("GET", "/api/v1/accounts/{id}"): Call("一个账号及其接口余量（不含凭据）", account_shapes.FullAccountShape),
    ("POST", "/api/v1/accounts/{id}/stop"): Call("停发一个账号", account_shapes.FullAccountShape, bodies.StopBody),
    ("POST", "/api/v1/accounts/{id}/go-on"): Call("恢复一个账号的发布", account_shapes.FullAccountShape),
    ("POST", "/api/v1/accounts/{id}/check"): Call("逐项检查一个账号的权限，不发布任何内容", account_shapes.FullAccountShape),
    ("GET", "/api/v1/publishing"): Call("是否全部暂停", account_shapes.PublishingShape),
    ("POST", "/api/v1/publishing/stop"): Call("全部暂停", account_shapes.PublishingShape, bodies.StopBody),
    ("POST", "/api/v1/publishing/go-on"): Call("恢复全部发布", account_shapes.PublishingShape),
    ("GET", "/api/v1/editions"): Call("推送列表", edition_shapes.EditionPage, query={"state": "状态", "account": "账号编号", **_PAGE}),
    ("POST", "/api/v1/editions"): Call("新建推送（多图文）", edition_shapes.FullEditionShape, edition_shapes.NewEditionBody, (201,)),
    ("GET", "/api/v1/editions/{id}"): Call("一次推送及其文章、预览和各次尝试", edition_shapes.FullEditionShape),
    ("POST", "/api/v1/editions/{id}/articles"): Call(
        "编排推送：按顺序给出全部文章，没有给出的移出", edition_shapes.FullEditionShape, edition_shapes.ArticlesBody
    ),
    ("POST", "/api/v1/editions/{id}/preview"): Call("向指定的关注者发送预览", edition_shapes.FullEditionShape, edition_shapes.PreviewBody),
    ("POST", "/api/v1/editions/{id}/push"): Call("安排群发", edition_shapes.FullEditionShape, edition_shapes.PushBody),
    ("POST", "/api/v1/editions/{id}/recompose"): Call("退回编排（待群发或群发失败的）", edition_shapes.FullEditionShape),
    ("POST", "/api/v1/editions/{id}/cancel"): Call("作废推送，其中的信息可另行安排", edition_shapes.FullEditionShape),
    ("POST", "/api/v1/editions/{id}/resolve"): Call("人工确认结果", edition_shapes.FullEditionShape, edition_shapes.ResolveEditionBody),
    ("GET", "/api/v1/sections"): Call("科室列表", list_shapes.SectionList),
    ("GET", "/api/v1/statistics/annual"): Call("年度统计", year_shapes.YearShape, query={"year": "年份，如 2026"}),
    ("GET", "/api/v1/statistics/monthly"): Call("月度统计", month_shapes.MonthShape, query={"month": "月份，如 2026-10"}),
}  # fmt: skip


async def show(request: web.Request) -> web.Response:
    """GET /api/v1/openapi.json, without a token: it says nothing of what is stored."""
    return web.json_response(document())


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of every call in `CALLS`."""
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), call in CALLS.items():
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, call)
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": "1"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _schemas() -> dict[str, Any]:
    models: set[tuple[type[BaseModel], Literal["serialization", "validation"]]] = {
        *((call.answers, "serialization") for call in CALLS.values() if call.answers),
        *((call.brings, "validation") for call in CALLS.values() if call.brings),
        *((shape, "validation") for shape in FIELDS.values()),
        (problem_shapes.ProblemDocument, "serialization"),
    }
    ordered = sorted(models, key=lambda one: one[0].__name__)
    _, schemas = models_json_schema(ordered, ref_template=_REFERENCE)
    definitions: dict[str, Any] = schemas["$defs"]
    whole = definitions[Content.__name__]
    whole["properties"]["fields"] |= {
        "anyOf": [{"$ref": _REFERENCE.format(model=shape.__name__)} for shape in FIELDS.values()]
    }
    definitions[_CHANGES] = _without_required(whole)
    return definitions


def _without_required(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The content where every name may be left out; inside `fields` too."""
    fields = {"type": "object", "title": whole["properties"]["fields"]["title"]}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**whole["properties"], "fields": fields},
    }


def _operation(method: str, path: str, call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": call.summary,
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}_{path.removeprefix('/api/v1/')}").strip("_"),
        "parameters": _parameters(path, call),
        "responses": {str(status): _success(call) for status in call.statuses},
    }
    problem = {"$ref": _REFERENCE.format(model=problem_shapes.ProblemDocument.__name__)}
    operation["responses"]["default"] = {
        "description": "问题说明（RFC 9457）",
        "content": {"application/problem+json": {"schema": problem}},
    }
    if call.takes_file:
        operation["requestBody"] = {"required": True, "content": {_MULTIPART: {"schema": _FILE}}}
    elif call.brings:
        name = _CHANGES if call.needs_version else call.brings.__name__
        schema = {"$ref": _REFERENCE.format(model=name)}
        required = not call.body_is_optional
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    return operation


def _success(call: Call) -> dict[str, Any]:
    if call.answers is None:
        return {"description": call.summary}
    schema = {"$ref": _REFERENCE.format(model=call.answers.__name__)}
    return {"description": call.summary, "content": {"application/json": {"schema": schema}}}


def _parameters(path: str, call: Call) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"{(\w+)}", path)
    ]
    found += [
        {"name": name, "in": "query", "description": told, "schema": text}
        for name, told in (call.query or {}).items()
    ]
    if call.needs_version:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "所依据的版本号",
                "schema": text,
            }
        )
    return found
