"""A WeChat Official Account: cover and pictures, draft, freepublish, result, and looking for either."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import nh3

from outreach.channels.materials import Materials, Uploaded, Use
from outreach.channels.protocol import (
    Accepted,
    Article,
    DraftSaved,
    Look,
    NeedsOperator,
    NotThere,
    Picture,
    Progress,
    Published,
    Receipt,
    Refused,
    Rendition,
    Result,
    StillUnderWay,
    Trace,
)
from outreach.channels.wechat.api import File, Members, WeChatApi
from outreach.channels.wechat.errors import BAD_MEDIA_ID, NOT_AUTHORISED
from outreach.channels.wechat.results import result_of
from outreach.foundation.media import MediaStore

CONTENT_PICTURE_BYTES: Final = 1024 * 1024
COVER_BYTES: Final = 10 * 1024 * 1024
_PAGE: Final = 20
# Our clock and WeChat's may differ by so much: an article is not to be missed for that.
_CLOCK_SKEW: Final = timedelta(minutes=5)


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

    async def check(self) -> None:
        """Whether WeChat knows the credentials and lets this machine in. Raises ChannelError."""
        await self._api.check()

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
        return Accepted(str(members["publish_id"]))

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
