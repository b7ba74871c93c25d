"""An account gets other credentials, and goes on with them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outreach.channels import service
from outreach.channels.queries import get_account
from outreach.channels.rights import problem_of
from outreach.foundation.audit import Actor
from outreach.office.check_account import check_account
from outreach.office.context import Office


async def replace_credentials(
    office: Office, by: Actor, account_id: str, credentials: Mapping[str, Any]
) -> str | None:
    """Keeps them and has the platform check them: what is wrong (Chinese), or None. An account that was paused, as
    happens when a secret is reset on the platform before it is typed in here, is resumed by a check that went well:
    the posts that waited for it go out.

    Raises NotFound, InvalidContent: nothing was changed; ChannelError, WrongKey: they are kept and could not be
    checked.
    """
    async with office.db.begin() as session:
        account = await get_account(session, account_id)
        await service.replace_credentials(session, office.sealer, by, account, credentials)
    problem = problem_of(await check_account(office, by, account))
    if problem is None:
        async with office.db.begin() as session:
            present = await get_account(session, account_id)
            if present.paused_at is not None:
                await service.resume_account(session, by, present)
    return problem
