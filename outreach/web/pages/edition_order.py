"""The order of an edition's articles as its form says it: dragged, moved by a button, taken out or added."""

from __future__ import annotations

from outreach.web.forms import Form


def order_of(form: Form) -> list[str]:
    """The ids of the items, the head article first. `items` come in the order in which they stand on the page;
    `act` is `up:ID`, `down:ID` or `out:ID` of the button that was pressed; `add` are those that come after."""
    order = form.texts("items")
    act, _, item_id = form.text("act").partition(":")
    if item_id in order:
        order = _moved(order, act, item_id)
    return order + [one for one in form.texts("add") if one not in order]


def _moved(order: list[str], act: str, item_id: str) -> list[str]:
    others = [one for one in order if one != item_id]
    if act == "out":
        return others
    here = order.index(item_id)
    there = max(0, here - 1) if act == "up" else here + 1 if act == "down" else here
    return [*others[:there], item_id, *others[there:]]
