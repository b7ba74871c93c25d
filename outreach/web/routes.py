"""Every address of the service, in one list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import web

from outreach.web import callbacks, metrics, public, readiness, static
from outreach.web.api import items as api_items
from outreach.web.api import lists, openapi, referrals, reviews
from outreach.web.api import posts as api_posts
from outreach.web.pages import (
    account,
    accounts,
    air_index,
    audit_page,
    health,
    item_actions,
    item_attachments,
    item_comments,
    item_export,
    item_form,
    item_form_autosave,
    item_form_preview,
    item_import,
    item_page,
    item_redaction,
    item_referrals,
    item_revisions,
    item_takings,
    items_list,
    login,
    marks,
    needs_attention,
    post_page,
    posts,
    queue,
    record_filing,
    record_page,
    records,
    screening_quality,
    sections,
    settings_page,
    statistics,
    users,
    weibo_authorisation,
    word_lists,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Access(StrEnum):
    """Who gets in: anybody, a browser that is signed in, or a bearer token."""

    PUBLIC = "public"
    PAGE = "page"
    API = "api"


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `takes_files` lifts the limit of a body from 2 MiB to 25 MiB and allows multipart. `keeps`
    says that what was typed outlives the end of the session; never where secrets are typed."""

    method: str
    path: str
    handler: Handler
    access: Access
    takes_files: bool = False
    keeps: bool = False


ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/healthz", health.healthz, Access.PUBLIC),
    Route("GET", "/static/{name:.+}", static.serve, Access.PUBLIC),
    Route("GET", "/login", login.show, Access.PUBLIC),
    Route("POST", "/login", login.sign_in, Access.PUBLIC),
    Route("POST", "/logout", login.sign_out, Access.PAGE),
    Route("GET", "/", login.home, Access.PAGE),
    Route("GET", "/queue", queue.show, Access.PAGE),
    Route("GET", "/items", items_list.show, Access.PAGE),
    Route("GET", "/items/export.xlsx", item_export.download, Access.PAGE),
    Route("GET", "/items/import", item_import.show, Access.PAGE),
    Route("GET", "/items/import/template.xlsx", item_export.download_template, Access.PAGE),
    Route("POST", "/items/import", item_import.take_in, Access.PAGE, takes_files=True),
    Route("GET", "/account", account.show, Access.PAGE),
    Route("POST", "/account/password", account.change_password, Access.PAGE),
    Route("POST", "/account/tokens", account.issue_token, Access.PAGE),
    Route("POST", "/account/tokens/revoke", account.revoke_tokens, Access.PAGE),
    Route("POST", "/account/deputies", account.name_deputy, Access.PAGE),
    Route("POST", "/account/deputies/{deputy}/revoke", account.revoke_deputy, Access.PAGE),
    Route("GET", "/users", users.show_all, Access.PAGE),
    Route("GET", "/users/new", users.show_new, Access.PAGE),
    Route("POST", "/users/new", users.add, Access.PAGE, keeps=True),
    Route("GET", "/users/{id}", users.show_one, Access.PAGE),
    Route("POST", "/users/{id}", users.change, Access.PAGE, keeps=True),
    Route("POST", "/users/{id}/password", users.reset_password, Access.PAGE),
    Route("POST", "/users/{id}/deputies", users.name_deputy, Access.PAGE),
    Route("POST", "/users/{id}/deputies/{deputy}/revoke", users.revoke_deputy, Access.PAGE),
    Route("GET", "/sections", sections.show, Access.PAGE),
    Route("POST", "/sections", sections.add, Access.PAGE, keeps=True),
    Route("GET", "/word-lists", word_lists.show_all, Access.PAGE),
    Route("GET", "/word-lists/new", word_lists.show_new, Access.PAGE),
    Route("POST", "/word-lists/new", word_lists.keep, Access.PAGE, takes_files=True),
    Route("GET", "/word-lists/{id}", word_lists.show, Access.PAGE),
    Route("POST", "/word-lists/{id}", word_lists.keep, Access.PAGE, takes_files=True),
    Route("POST", "/word-lists/{id}/retire", word_lists.retire, Access.PAGE),
    Route("GET", "/marks", marks.show, Access.PAGE),
    Route("POST", "/marks/released", marks.release, Access.PAGE),
    Route("POST", "/marks/released/{id}/revoke", marks.revoke, Access.PAGE),
    Route("POST", "/marks/accepted/{id}/revoke", marks.revoke_wording, Access.PAGE),
    Route("POST", "/marks/{id}", marks.close, Access.PAGE, keeps=True),
    Route("GET", "/screening-quality", screening_quality.show, Access.PAGE),
    Route("GET", "/screening-quality.csv", screening_quality.download, Access.PAGE),
    Route("GET", "/settings", settings_page.show, Access.PAGE),
    Route("POST", "/settings", settings_page.change, Access.PAGE, keeps=True),
    Route("GET", "/audit", audit_page.show, Access.PAGE),
    Route("POST", "/audit/verify", audit_page.verify, Access.PAGE),
    Route("GET", "/records", records.show, Access.PAGE),
    Route("GET", "/records/filing", record_filing.show, Access.PAGE),
    Route("POST", "/records/filing", record_filing.pack, Access.PAGE),
    Route("GET", "/records/filing/{name}.zip", record_filing.download, Access.PAGE),
    Route("GET", "/records/export.{format:xlsx|csv}", records.download, Access.PAGE),
    Route("GET", "/posts", posts.show, Access.PAGE),
    Route("GET", "/posts/{id}", post_page.show, Access.PAGE),
    Route("GET", "/posts/{id}/state", post_page.state, Access.PAGE),
    Route("GET", "/posts/{id}/article", post_page.article, Access.PAGE),
    Route("GET", "/posts/{id}/picture", post_page.picture, Access.PAGE),
    Route("POST", "/posts/{id}/cancel", post_page.cancel, Access.PAGE),
    Route("POST", "/posts/{id}/retry", post_page.retry, Access.PAGE),
    Route("POST", "/posts/{id}/resolve", post_page.resolve, Access.PAGE, keeps=True),
    Route("GET", "/needs-attention", needs_attention.show, Access.PAGE),
    Route("GET", "/accounts", accounts.show_all, Access.PAGE),
    Route("GET", "/accounts/new", accounts.show_new, Access.PAGE),
    Route("POST", "/accounts/new", accounts.add, Access.PAGE),
    Route("GET", "/accounts/{id}", accounts.show_one, Access.PAGE),
    Route("POST", "/accounts/{id}/resume", accounts.resume, Access.PAGE),
    Route("POST", "/accounts/{id}/check", accounts.check, Access.PAGE),
    Route("POST", "/accounts/{id}/credentials", accounts.replace_credentials, Access.PAGE),
    Route("POST", "/accounts/{id}/weibo/authorise", weibo_authorisation.begin, Access.PAGE),
    Route("GET", "/accounts/{id}/weibo/authorised", weibo_authorisation.finish, Access.PAGE),
    Route("GET", "/statistics", statistics.show, Access.PAGE),
    Route("GET", "/statistics/monthly.csv", statistics.download, Access.PAGE),
    Route("GET", "/p/{public_id}", public.show, Access.PUBLIC),
    Route("HEAD", "/p/{public_id}", public.show, Access.PUBLIC),
    Route("GET", "/p/{public_id}/files/{name}", public.send_file, Access.PUBLIC),
    Route("HEAD", "/p/{public_id}/files/{name}", public.send_file, Access.PUBLIC),
    Route("GET", "/items/new", item_form.show_new, Access.PAGE),
    Route("POST", "/items/new", item_form.add, Access.PAGE, keeps=True),
    Route("POST", "/items/air-quality-index", air_index.compute_typed, Access.PAGE),
    Route("POST", "/items/new/autosave", item_form_autosave.keep_new, Access.PAGE),
    Route("POST", "/items/{id}/autosave", item_form_autosave.keep, Access.PAGE),
    Route("POST", "/items/new/preview", item_form_preview.show, Access.PAGE),
    Route("POST", "/items/new/preview/wechat", item_form_preview.show_article, Access.PAGE),
    Route("GET", "/items/{id}", item_page.show, Access.PAGE),
    Route("GET", r"/items/{id}/revisions/{number:\d+}", item_revisions.show, Access.PAGE),
    Route("GET", r"/items/{id}/records/{revision:\d+}", record_page.show, Access.PAGE),
    Route("GET", r"/items/{id}/records/{revision:\d+}.docx", record_page.download, Access.PAGE),
    Route("GET", "/items/{id}/edit", item_form.show_edit, Access.PAGE),
    Route("POST", "/items/{id}/edit", item_form.change, Access.PAGE, keeps=True),
    Route("POST", "/items/{id}/attachments", item_attachments.upload, Access.PAGE, takes_files=True),
    Route("GET", "/items/{id}/attachments/{attachment}", item_attachments.download, Access.PAGE),
    Route("POST", "/items/{id}/preview", item_form_preview.show, Access.PAGE),
    Route("POST", "/items/{id}/preview/wechat", item_form_preview.show_article, Access.PAGE),
    Route("GET", "/items/{id}/preview/wechat", item_page.preview_article, Access.PAGE),
    Route("GET", "/items/{id}/preview/card.png", item_page.preview_card, Access.PAGE),
    Route("POST", "/items/{id}/submit", item_actions.submit, Access.PAGE),
    Route("POST", "/items/{id}/recall", item_actions.recall, Access.PAGE),
    Route("POST", "/items/{id}/discard", item_actions.discard, Access.PAGE),
    Route("POST", "/items/{id}/reviews", item_actions.decide, Access.PAGE, keeps=True),
    Route("POST", "/items/{id}/taking", item_takings.take, Access.PAGE),
    Route("POST", "/items/{id}/taking/hand-on", item_takings.hand_on, Access.PAGE),
    Route("POST", "/items/{id}/taking/give-back", item_takings.give_back, Access.PAGE),
    Route("POST", "/items/{id}/reminders", item_takings.remind, Access.PAGE),
    Route("POST", "/items/{id}/comments", item_comments.add, Access.PAGE, keeps=True),
    Route("POST", "/items/{id}/comments/{comment}/settle", item_comments.settle, Access.PAGE),
    Route("POST", "/items/{id}/redaction", item_redaction.propose, Access.PAGE, keeps=True),
    Route("POST", "/items/{id}/redaction/{proposal}/take", item_redaction.take, Access.PAGE),
    Route("POST", "/items/{id}/redaction/{proposal}/drop", item_redaction.drop, Access.PAGE),
    Route("POST", "/items/{id}/referrals", item_referrals.refer, Access.PAGE, keeps=True),
    Route("POST", "/items/{id}/referrals/{referral}/answer", item_referrals.answer, Access.PAGE, keeps=True),
    Route("POST", "/items/{id}/findings/{finding}", item_actions.judge, Access.PAGE, keeps=True),
    Route("POST", "/items/{id}/posts", item_actions.plan, Access.PAGE, keeps=True),
    Route("GET", "/readyz", readiness.show, Access.PUBLIC),
    Route("GET", "/metrics", metrics.show, Access.PUBLIC),
    Route("GET", "/callbacks/wechat/{id}", callbacks.verify, Access.PUBLIC),
    Route("POST", "/callbacks/wechat/{id}", callbacks.receive, Access.PUBLIC),
    Route("GET", "/api/v1/openapi.json", openapi.show, Access.PUBLIC),
    Route("POST", "/api/v1/items", api_items.create, Access.API),
    Route("GET", "/api/v1/items", api_items.show_all, Access.API),
    Route("GET", "/api/v1/items/{id}", api_items.show, Access.API),
    Route("PATCH", "/api/v1/items/{id}", api_items.change, Access.API),
    Route("POST", "/api/v1/items/{id}/attachments", api_items.attach, Access.API, takes_files=True),
    Route("POST", "/api/v1/imports", api_items.take_in, Access.API, takes_files=True),
    Route("POST", "/api/v1/items/{id}/submit", reviews.submit, Access.API),
    Route("POST", "/api/v1/items/{id}/recall", api_items.recall, Access.API),
    Route("POST", "/api/v1/items/{id}/discard", api_items.discard, Access.API),
    Route("POST", "/api/v1/items/{id}/findings/{finding}", reviews.judge, Access.API),
    Route("POST", "/api/v1/items/{id}/reviews", reviews.decide, Access.API),
    Route("GET", "/api/v1/items/{id}/referrals", referrals.show_all, Access.API),
    Route("POST", "/api/v1/items/{id}/referrals", referrals.refer, Access.API),
    Route("POST", "/api/v1/items/{id}/referrals/{referral}/answer", referrals.answer, Access.API),
    Route("POST", "/api/v1/items/{id}/posts", api_posts.plan, Access.API),
    Route("GET", "/api/v1/posts", api_posts.show_all, Access.API),
    Route("GET", "/api/v1/posts/{id}", api_posts.show, Access.API),
    Route("POST", "/api/v1/posts/{id}/cancel", api_posts.cancel, Access.API),
    Route("POST", "/api/v1/posts/{id}/retry", api_posts.retry, Access.API),
    Route("POST", "/api/v1/posts/{id}/resolve", api_posts.resolve, Access.API),
    Route("GET", "/api/v1/accounts", lists.show_accounts, Access.API),
    Route("GET", "/api/v1/sections", lists.show_sections, Access.API),
    Route("GET", "/api/v1/statistics/monthly", lists.show_month, Access.API),
)
