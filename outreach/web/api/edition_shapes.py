"""What calls bring and answer of editions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from outreach.office.confirm_edition import Outcome
from outreach.publishing.editions.model import Edition, EditionAttempt, EditionPreview, EditionState
from outreach.publishing.model import Post, PostState
from outreach.web.api.bodies import Body, Id, Text
from outreach.web.api.bodies import Moment as GivenMoment
from outreach.web.api.post_shapes import AttemptShape, Moment, ProblemShape

Version = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]


class NewEditionBody(Body):
    """A new edition."""

    account: Id = Field(title="账号")
    items: list[Id] = Field([], title="信息编号，按文章顺序，第一篇为头条", max_length=50)


class ArticlesBody(Body):
    """All articles of an edition in their order; what is left out leaves it."""

    items: list[Id] = Field(title="信息编号，按文章顺序，第一篇为头条", max_length=50)
    version: Version | None = Field(None, title="所依据的版本号；推送已被他人更改的返回 412")


class PreviewBody(Body):
    """Who gets a preview."""

    to: list[Text] = Field(title="微信号或 OpenID", max_length=50)


class PushBody(Body):
    """When an edition is pushed."""

    at: GivenMoment = Field(None, title="群发时间，不填为立即")
    version: Version | None = Field(None, title="所依据的版本号；推送已被他人更改的返回 412")


class ResolveEditionBody(Body):
    """What a person saw on the platform's own site."""

    outcome: Outcome = Field(title="结果")
    url: Text | None = Field(None, title="头条文章的链接")
    published_at: GivenMoment = Field(None, title="平台显示的群发时间")


class ArticleShape(BaseModel):
    """An article of an edition; `idx` begins at 1, the head article."""

    idx: int
    item: str
    post: str
    title: str
    state: PostState
    url: str | None
    problem: ProblemShape | None


class ReachShape(BaseModel):
    """The platform's counts of followers: in the target, left after its filters, reached, missed."""

    total: int
    filtered: int
    sent: int
    errors: int


class EditionShape(BaseModel):
    """An edition with its articles in their order."""

    id: str
    account: str
    state: EditionState
    version: int
    at: Moment | None
    planned_at: Moment | None
    published_at: Moment | None
    msg_id: str | None
    reach: ReachShape | None
    problem: ProblemShape | None
    articles: list[ArticleShape]


class PreviewShape(BaseModel):
    """A preview to one follower; `problem` is Chinese, null where the platform took it."""

    at: Moment
    to: str
    by: str
    sent: bool
    problem: str | None


class FullEditionShape(EditionShape):
    """An edition with its previews, the latest first, and every step of its push, the first one first."""

    previews: list[PreviewShape]
    attempts: list[AttemptShape]


class EditionPage(BaseModel):
    """A page of editions."""

    items: list[EditionShape]
    next_cursor: str | None


def shape_edition(edition: Edition, posts: Sequence[Post]) -> EditionShape:
    """An edition with its articles."""
    return EditionShape(
        id=edition.id,
        account=edition.account_id,
        state=edition.state,
        version=edition.version,
        at=edition.at,
        planned_at=edition.planned_at,
        published_at=edition.published_at,
        msg_id=edition.msg_id,
        reach=_reach(edition),
        problem=_problem(edition.problem_code, edition.problem_message),
        articles=[_article(number, post) for number, post in enumerate(posts, start=1)],
    )


def shape_edition_in_full(
    edition: Edition,
    posts: Sequence[Post],
    previews: Sequence[EditionPreview],
    attempts: Sequence[EditionAttempt],
) -> FullEditionShape:
    """An edition with all that happened to it."""
    return FullEditionShape(
        **dict(shape_edition(edition, posts)),
        previews=[
            PreviewShape(
                at=one.at,
                to=one.recipient,
                by=one.by_name,
                sent=one.sent_at is not None,
                problem=one.problem,
            )
            for one in previews
        ],
        attempts=[
            AttemptShape(at=one.at, outcome=one.outcome, code=one.code, message=one.message)
            for one in attempts
        ],
    )


def _article(number: int, post: Post) -> ArticleShape:
    return ArticleShape(
        idx=number,
        item=post.item_id,
        post=post.id,
        title=post.rendition["title"],
        state=post.state,
        url=post.url,
        problem=_problem(post.problem_code, post.problem_message),
    )


def _problem(code: str | None, message: str | None) -> ProblemShape | None:
    return ProblemShape(code=code, message=message) if message else None


def _reach(edition: Edition) -> ReachShape | None:
    if edition.sent_count is None:
        return None
    return ReachShape(
        total=edition.total_count or 0,
        filtered=edition.filter_count or 0,
        sent=edition.sent_count,
        errors=edition.error_count or 0,
    )
