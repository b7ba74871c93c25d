"""Identity and telephone numbers made by the rules, belonging to nobody that is known."""

from datetime import date

from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

_PROVINCES = ["11", "15", "31", "44", "46", "54", "65", "71", "82"]

SEPARATORS = st.sampled_from(["", "", " ", "-", "  ", "\u200b", "\u3000", "－", "–", "\u00a0", "\ufeff"])
# Whatever may stand around a number without becoming a part of it.
SURROUNDINGS = st.text(
    st.characters(exclude_categories=["Nd", "Cs", "Cf", "Cc", "Zs", "Mn", "Pd"]).filter(
        lambda c: c not in "×✕ⅩⅹХхΧχXx.√"
    ),
    max_size=30,
)


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    """A valid number; the county digits are any."""
    area = draw(st.sampled_from(_PROVINCES)) + draw(st.from_regex(r"[0-9]{4}", fullmatch=True))
    born = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    body = f"{area}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return body + mod_11_2.calc_check_digit(body)


@st.composite
def numbers_with_wrong_check(draw: st.DrawFn) -> str:
    """An otherwise possible identity number with any but the right check character."""
    number = draw(resident_ids())
    return number[:-1] + draw(st.sampled_from([c for c in "0123456789X" if c != number[-1]]))


@st.composite
def broken_up(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> str:
    """A number with separators between any of its characters."""
    number = draw(numbers)
    return "".join(char + draw(SEPARATORS) for char in number[:-1]) + number[-1]


def full_width(text: str) -> str:
    """`text` as a Chinese input method types it."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)
