"""The read side of the platform's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.people.model import Person
from outreach.publishing.editions.model import Edition
from outreach.publishing.model import Post
from outreach.statistics.reads.model import ArticleReading, FiguresFetch, FollowerDay


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """A post, and what the platform told last of its readers; None where it told nothing yet."""

    post: Post
    reading: ArticleReading | None


async def days_with_articles(session: AsyncSession, account_id: str, since: date) -> list[date]:
    """The days in China, from `since` on and before today, on which posts of the account came out."""
    begin = datetime(since.year, since.month, since.day, tzinfo=clock.SHANGHAI)
    query = select(Post.published_at).where(Post.account_id == account_id, Post.published_at >= begin)
    days = {at.astimezone(clock.SHANGHAI).date() for at in await session.scalars(query) if at is not None}
    return sorted(days - {clock.today(clock.SHANGHAI)})


async def article_reads(session: AsyncSession, by: Person, month: str, zone: ZoneInfo) -> list[ArticleRead]:
    """The posts on WeChat that came out in `month` (`YYYY-MM`, in `zone`), of the sections of `by`, the newest first,
    each with its last figures: joined by msg_data_id and the article's number."""
    newest = (
        select(
            ArticleReading.account_id,
            ArticleReading.msg_data_id,
            ArticleReading.article_idx,
            func.max(ArticleReading.on).label("newest"),
        )
        .group_by(ArticleReading.account_id, ArticleReading.msg_data_id, ArticleReading.article_idx)
        .subquery()
    )
    begin, end = _month(month, zone)
    data_id = func.coalesce(Edition.msg_data_id, Post.msg_data_id)
    index = func.coalesce(Post.article_idx, 1)
    query = (
        select(Post, ArticleReading)
        .outerjoin(Edition, Edition.id == Post.edition_id)
        .outerjoin(
            newest,
            and_(
                newest.c.account_id == Post.account_id,
                newest.c.msg_data_id == data_id,
                newest.c.article_idx == index,
            ),
        )
        .outerjoin(
            ArticleReading,
            and_(
                ArticleReading.account_id == newest.c.account_id,
                ArticleReading.msg_data_id == newest.c.msg_data_id,
                ArticleReading.article_idx == newest.c.article_idx,
                ArticleReading.on == newest.c.newest,
            ),
        )
        .where(Post.published_at >= begin, Post.published_at < end, data_id.is_not(None), _seen_by(by))
        .order_by(Post.published_at.desc(), Post.id)
    )
    return [ArticleRead(post, reading) for post, reading in (await session.execute(query)).unique()]


async def follower_days(session: AsyncSession, month: str) -> Sequence[FollowerDay]:
    """What the platform told of the days of `month` (`YYYY-MM`), by account, then by day."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    query = select(FollowerDay).where(FollowerDay.on >= first, FollowerDay.on < after)
    return (await session.scalars(query.order_by(FollowerDay.account_id, FollowerDay.on))).all()


async def fetch_problems(session: AsyncSession) -> dict[str, str]:
    """Why the figures of these accounts (by id) could not be fetched the last time."""
    query = select(FiguresFetch.account_id, FiguresFetch.problem).where(FiguresFetch.problem.is_not(None))
    return {account_id: str(problem) for account_id, problem in await session.execute(query)}


def _month(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def _seen_by(by: Person) -> ColumnElement[bool]:
    if by.section_ids is None:
        return true()
    return Post.section_id.in_(by.section_ids)
