"""A WeChat Official Account: cover and pictures, draft, freepublish, result, and looking for either."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import nh3

from outreach.channels.materials import Materials, Uploaded, Use
from outreach.channels.model import ChannelName
from outreach.channels.protocol import (
    Accepted,
    Article,
    ByHand,
    ChannelError,
    DraftSaved,
    Gone,
    Look,
    NeedsOperator,
    NotThere,
    OutcomeUnknown,
    Picture,
    Progress,
    Published,
    Quota,
    Receipt,
    Refused,
    Rendition,
    Result,
    StillUnderWay,
    Takedown,
    Trace,
)
from outreach.channels.rules import BY_HAND
from outreach.channels.wechat.api import File, Members, WeChatApi
from outreach.channels.wechat.errors import BAD_ARTICLE_ID, BAD_MEDIA_ID, NO_QUOTA, NOT_AUTHORISED
from outreach.channels.wechat.results import result_of
from outreach.foundation.media import MediaStore

CONTENT_PICTURE_BYTES: Final = 1024 * 1024
COVER_BYTES: Final = 10 * 1024 * 1024
_PAGE: Final = 20
# Our clock and WeChat's may differ by so much: an article is not to be missed for that.
_CLOCK_SKEW: Final = timedelta(minutes=5)
_FIRST_ARTICLE: Final = 1
_ID_UNKNOWN: Final = (
    "系统没有这篇文章可用的编号，不能通过接口删除，请人工撤回：登录微信公众平台（mp.weixin.qq.com），"
    "在“发表记录”里找到这篇文章并删除，然后回到这里点“确认已撤回”。"
)


class WeChatChannel:
    """One account. Only a verified one, of either type, may publish through the interface (since July
    2025; developers.weixin.qq.com/doc/service/guide/product/publish); for others the draft is saved."""

    def __init__(self, api: WeChatApi, media: MediaStore, materials: Materials, *, can_publish: bool) -> None:
        self._api = api
        self._media = media
        self._materials = materials
        self._can_publish = can_publish

    @property
    def can_publish(self) -> bool:
        """Whether it can publish without a person."""
        return self._can_publish

    async def quotas(self, names: Collection[str]) -> Mapping[str, Quota]:
        """openapi/quota/get of each path among `names` that the account may call. Raises ChannelError."""
        asked = {name: await self._quota(name) for name in names if name.startswith("/")}
        return {name: quota for name, quota in asked.items() if quota is not None}

    async def publish(self, rendition: Rendition, progress: Progress) -> Receipt:
        """Saves the draft unless an earlier try did, then submits it. Raises ChannelError."""
        media_id = progress.media_id or await self._draft(_article(rendition))
        if not self._can_publish:
            return DraftSaved(media_id)
        await progress.remember_release(media_id)
        return await self._submit(media_id)

    async def save_draft(self, articles: Sequence[Article]) -> str:
        """A new draft of these articles, in their order; its media_id. Raises ChannelError."""
        try:
            return await self._add_draft(articles)
        except Refused as error:
            if error.code != str(BAD_MEDIA_ID):
                raise
        # Somebody deleted a cover on the platform's site.
        gone = {article.cover: await self._uploaded(article.cover, Use.COVER) for article in articles}
        for cover, uploaded in gone.items():
            await self._materials.forget(cover.sha256, Use.COVER, uploaded)
        return await self._add_draft(articles)

    async def result(self, publish_id: str) -> Result:
        """freepublish/get. Raises ChannelError; Refused for publish_status 2, 3 and 4."""
        members = await self._api.post(
            "/cgi-bin/freepublish/get", {"publish_id": publish_id}, "publish_status"
        )
        return result_of(
            int(members["publish_status"]),
            article_id=members.get("article_id"),
            url=_first_url(members),
            at=None,
            failed_articles=tuple(members.get("fail_idx") or ()),
        )

    async def look(self, rendition: Rendition, trace: Trace) -> Look:
        """By its publish_id where there is one; else among the published articles; else by whether the draft
        has left the box, which it does when it is taken for publication. Raises ChannelError."""
        if trace.publish_id is not None:
            return await self.result(trace.publish_id)
        if found := await self._find_article(_article(rendition), trace):
            return found
        if trace.media_id is None or await self._draft_exists(trace.media_id):
            return NotThere()
        return StillUnderWay()

    async def withdraw(self, takedown: Takedown) -> Gone | ByHand:
        """freepublish/delete of the one article that a submit makes; irreversible. freepublish/getarticle tells first
        whether it is still there. An id that WeChat does not know any more was known before the call that takes the
        article down, or that call would not have begun. Raises ChannelError."""
        if not self._can_publish:
            return ByHand(BY_HAND[ChannelName.WECHAT])
        try:
            return await self._withdraw(takedown)
        except NeedsOperator as error:
            if error.code == str(NOT_AUTHORISED):
                return ByHand(BY_HAND[ChannelName.WECHAT])
            raise

    async def _withdraw(self, takedown: Takedown) -> Gone | ByHand:
        article_id = takedown.platform_id or await self._article_of_job(takedown.publish_id)
        if article_id is None:
            return ByHand(_ID_UNKNOWN)
        is_there = await self._is_there(article_id)
        if is_there is None and not takedown.call_began:
            return ByHand(_ID_UNKNOWN)
        if is_there:
            await takedown.remember_call()
            await self._api.delete(
                "/cgi-bin/freepublish/delete", {"article_id": article_id, "index": _FIRST_ARTICLE}
            )
        return Gone()

    async def _article_of_job(self, publish_id: str | None) -> str | None:
        """Where a person said that it is out, the job may still tell under which id."""
        if publish_id is None:
            return None
        request = {"publish_id": publish_id}
        try:
            members = await self._api.post("/cgi-bin/freepublish/get", request, "publish_status")
        except OutcomeUnknown:
            return None  # WeChat does not know the job any more
        return members.get("article_id") or None

    async def _is_there(self, article_id: str) -> bool | None:
        """Whether the article can still be read; None where WeChat does not know the id."""
        try:
            members = await self._api.post(
                "/cgi-bin/freepublish/getarticle", {"article_id": article_id}, "news_item"
            )
        except OutcomeUnknown as error:
            if error.code == str(BAD_ARTICLE_ID):
                return None
            raise
        return not members["news_item"][_FIRST_ARTICLE - 1].get("is_deleted")

    async def _quota(self, path: str) -> Quota | None:
        try:
            members = await self._api.post("/cgi-bin/openapi/quota/get", {"cgi_path": path}, "quota")
        except ChannelError as error:
            if error.code in NO_QUOTA:
                return None
            raise
        told = members["quota"]
        return Quota(int(told["daily_limit"]), int(told["used"]))

    async def _find_article(self, article: Article, trace: Trace) -> Published | None:
        """Among the articles that freepublish/batchget lists: the one with the same title and 阅读原文,
        which tells apart what bears the same title."""
        begin = (trace.since - _CLOCK_SKEW).timestamp()
        offset = 0
        while page := await self._page("/cgi-bin/freepublish/batchget", offset, no_content=1):
            for row in page:
                if row["update_time"] < begin or row["article_id"] in trace.others:
                    continue
                if (news := _news_like(article, row)) is not None:
                    at = datetime.fromtimestamp(row["update_time"], UTC)
                    return Published(row["article_id"], news["url"], at)
            if all(row["update_time"] < begin for row in page):
                return None
            offset += len(page)
        return None

    async def _draft_exists(self, media_id: str) -> bool:
        try:
            await self._api.post("/cgi-bin/draft/get", {"media_id": media_id}, "news_item")
        except Refused as error:
            if error.code == str(BAD_MEDIA_ID):
                return False
            raise
        return True

    async def _draft(self, article: Article) -> str:
        if not self._can_publish and (found := await self._find_draft(article)):
            return found
        return await self.save_draft([article])

    async def _add_draft(self, articles: Sequence[Article]) -> str:
        drafts = [await self._members_of(article) for article in articles]
        if len(drafts) > 1:
            # A digest is for a draft of one article only.
            drafts = [{**draft, "digest": ""} for draft in drafts]
        members = await self._api.post("/cgi-bin/draft/add", {"articles": drafts}, "media_id")
        return str(members["media_id"])

    async def _members_of(self, article: Article) -> Members:
        return {
            "article_type": "news",
            "title": article.title,
            "author": article.author,
            "digest": article.digest,
            "content": await self._content(article),
            "content_source_url": article.source_url,
            "thumb_media_id": (await self._uploaded(article.cover, Use.COVER)).media_id,
        }

    async def _find_draft(self, article: Article) -> str | None:
        """The newest draft that says the same: a try whose answer was lost leaves no second one in the box,
        where a person might publish both. WeChat rewrites tags and addresses, so only the words count."""
        words = _words(article.html)
        for row in await self._page("/cgi-bin/draft/batchget", 0, no_content=0):
            news = _news_like(article, row)
            if news is not None and _words(news.get("content", "")) == words:
                return str(row["media_id"])
        return None

    async def _content(self, article: Article) -> str:
        content = article.html
        for picture in article.pictures:
            uploaded = await self._uploaded(picture, Use.CONTENT)
            address = html.escape(uploaded.url or "")
            content = content.replace(f'src="media:{picture.sha256}"', f'src="{address}"')
        if 'src="media:' in content:
            raise Refused("正文引用了没有登记的图片。请重新插入图片。", code="picture-missing")
        return content

    async def _uploaded(self, picture: Picture, use: Use) -> Uploaded:
        async def upload() -> Uploaded:
            content = await self._media.read(picture.sha256)
            file = File(picture.name, picture.media_type, content)
            return await (self._upload_cover(file) if use is Use.COVER else self._upload_content(file))

        return await self._materials.uploaded(picture.sha256, use, upload)

    async def _upload_cover(self, file: File) -> Uploaded:
        _require_size(file, COVER_BYTES, "封面图片须小于 10 MB")
        members = await self._api.upload(
            "/cgi-bin/material/add_material", file, "media_id", {"type": "image"}
        )
        return Uploaded(members["media_id"], members.get("url"))

    async def _upload_content(self, file: File) -> Uploaded:
        _require_size(file, CONTENT_PICTURE_BYTES, "正文图片须小于 1 MB")
        members = await self._api.upload("/cgi-bin/media/uploadimg", file, "url")
        return Uploaded(None, members["url"])

    async def _submit(self, media_id: str) -> Receipt:
        try:
            members = await self._api.submit(
                "/cgi-bin/freepublish/submit", {"media_id": media_id}, "publish_id"
            )
        except NeedsOperator as error:
            if error.code == str(NOT_AUTHORISED):
                return DraftSaved(media_id)
            raise
        data_id = members.get("msg_data_id")
        return Accepted(str(members["publish_id"]), None if data_id is None else str(data_id))

    async def _page(self, path: str, offset: int, *, no_content: int) -> list[Members]:
        request = {"offset": offset, "count": _PAGE, "no_content": no_content}
        members = await self._api.post(path, request, "total_count")
        page: list[Members] = members.get("item", [])
        return page


def _article(rendition: Rendition) -> Article:
    if not isinstance(rendition, Article):
        raise TypeError("WeChat takes an Article")
    return rendition


def _news_like(article: Article, row: Members) -> dict[str, Any] | None:
    for news in row["content"]["news_item"]:
        is_same = news["title"] == article.title and news.get("content_source_url", "") == article.source_url
        if is_same and not news.get("is_deleted"):
            found: dict[str, Any] = news
            return found
    return None


def _first_url(members: Members) -> str | None:
    items = members.get("article_detail", {}).get("item", [])
    return items[0]["article_url"] if items else None


def _words(content: str) -> str:
    return "".join(html.unescape(nh3.clean(content, tags=set())).split())


def _require_size(file: File, limit: int, sentence: str) -> None:
    if len(file.content) >= limit:
        raise Refused(f"图片“{file.name}”过大：{sentence}。请压缩或更换图片。", code="picture-size")
