"""What is filled in of the statutory form beside opinion and decision, read from the page of an item."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from outreach.foundation.problems import InvalidContent
from outreach.items.kinds.messages import field_errors, unknown_name
from outreach.review.form import QUESTIONS, ReviewForm
from outreach.web.forms import Form

_YES_OR_NO: Final = frozenset({*QUESTIONS, "consent_given"})
_ANSWERS: Final = {"yes": True, "no": False}


def review_form_of(form: Form) -> ReviewForm:
    """The fields that were filled in. Raises InvalidContent naming each that is wrong."""
    typed = {name: text for name in ReviewForm.model_fields if (text := form.text(name))}
    values = {name: _ANSWERS.get(text, text) if name in _YES_OR_NO else text for name, text in typed.items()}
    try:
        return ReviewForm.model_validate(values)
    except ValidationError as error:
        errors = field_errors(
            error.errors(include_url=False), lambda place: unknown_name(str(place[-1]), typed)
        )
        raise InvalidContent("“审查表内容”有误，请按各栏的说明修改。", errors=errors) from error


def basis_of(form: Form) -> str | None:
    """The basis that was picked from the list, with the words that were added to it."""
    return "；".join(part for part in (form.text("basis"), form.text("basis_words")) if part) or None
