from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .platform import Platform, Service, platform, serving


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as running:
        yield running


@pytest.fixture
async def sandbox(service: Service) -> AsyncIterator[Platform]:
    async with platform(service.url) as running:
        await running.control("settings", {"publish_delay_s": 0.05, "callback_again_s": 0.1})
        yield running
