"""What a running process holds: opened once, closed once, handed to pages, jobs and commands."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.channels.factory import Channels
from outreach.foundation.database import Database
from outreach.foundation.media import MediaStore
from outreach.foundation.seal import Sealer
from outreach.screening.file_reader import FileReader
from outreach.screening.readings import Readings
from outreach.settings import Settings


@dataclass(frozen=True, slots=True)
class Office:
    """The open office: settings, database, media and what was read in them, sealed credentials and the ways to the platforms."""

    settings: Settings
    db: Database
    media: MediaStore
    reader: FileReader
    readings: Readings
    sealer: Sealer
    channels: Channels

    async def close(self) -> None:
        """Gives everything back."""
        await self.channels.close()
        await self.db.close()


def open_office(settings: Settings) -> Office:
    """Opens everything that `settings` names. Nothing is connected before it is used."""
    sealer = Sealer(settings.secret_key)
    db = Database(settings.database_url, audit_key=sealer.key_for("audit"))
    media = MediaStore(settings.media)
    reader = FileReader()
    channels = Channels(
        db=db,
        sealer=sealer,
        media=media,
        wechat_base_url=settings.wechat_base_url,
        wechat_open_url=settings.wechat_open_url,
        weibo_base_url=settings.weibo_base_url,
    )
    return Office(settings, db, media, reader, Readings(media, reader), sealer, channels)
