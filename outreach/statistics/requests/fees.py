"""信息处理费: what may be charged for many or long requests.

政府信息公开信息处理费管理办法 (国办函〔2020〕109号): by item or by page, one of both for a request, each further band at its
own price (超额累进). In force from 2021-01-01 (from memory, unconfirmed).
"""

from __future__ import annotations

from typing import Final

_FREE_ITEMS: Final = 10
_FIRST_ITEMS: Final = 30
_BAND: Final = 10
_YUAN_AN_ITEM: Final = 100
_PAGE_BANDS: Final = ((30, 0), (100, 10), (200, 20))
_LAST_PAGE_YUAN: Final = 40


def fee_by_items(items: int) -> int:
    """Yuan for so many requests of one applicant in a calendar month: 10 are free, up to the 30th each is 100, and each
    further band of ten is 100 an item dearer."""
    total = _YUAN_AN_ITEM * max(0, min(items, _FIRST_ITEMS) - _FREE_ITEMS)
    price, left = _YUAN_AN_ITEM, max(0, items - _FIRST_ITEMS)
    while left:
        price += _YUAN_AN_ITEM
        total += price * min(left, _BAND)
        left -= min(left, _BAND)
    return total


def fee_by_pages(pages: int) -> int:
    """Yuan for an answer of so many pages (A4, one side): 30 are free, up to the 100th 10 each, up to the 200th 20, from
    there on 40."""
    total, before = 0, 0
    for last, price in _PAGE_BANDS:
        total += price * max(0, min(pages, last) - before)
        before = last
    return total + _LAST_PAGE_YUAN * max(0, pages - before)
