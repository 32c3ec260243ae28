"""How every form of the house looks: ``{{ form }}`` and ``{{ field.as_field_group }}`` just work.

Set by ``FORM_RENDERER``; a room writes an ordinary Django form and gets labels, hints, errors tied to
their fields, a summary of errors at the top, date pickers of the browser and texts in any direction.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest

# Django asks for these as plain text, because of browsers long gone.
NATIVE: dict[type[forms.Widget], tuple[str, str]] = {
    forms.DateInput: ("date", "%Y-%m-%d"),
    forms.TimeInput: ("time", "%H:%M"),
    forms.DateTimeInput: ("datetime-local", "%Y-%m-%dT%H:%M"),
}
LATIN = (forms.EmailInput, forms.URLInput, forms.NumberInput, forms.PasswordInput)


class HouseBoundField(forms.BoundField):
    """A field of a form, that knows how it is laid out."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        for widget in getattr(field.widget, "widgets", [field.widget]):
            _make_native(widget)

    @property
    def layout(self) -> str:
        """``"choices"`` (a group of boxes or buttons), ``"tick"`` (one box), or ``"line"``."""
        widget = self.field.widget
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "choices"
        return "tick" if isinstance(widget, forms.CheckboxInput) else "line"

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Django's attributes, and the direction of writing: that of whatever is typed."""
        built = super().build_widget_attrs(attrs, widget)
        asked = widget or self.field.widget
        if self.layout == "choices":
            built.pop("aria-invalid", None)  # the group is wrong, not each of its boxes
        if "dir" not in asked.attrs:
            if isinstance(asked, LATIN):
                built["dir"] = "ltr"
            elif isinstance(asked, forms.Textarea) or type(asked) is forms.TextInput:
                built["dir"] = "auto"
        return built


class HouseRenderer(DjangoTemplates):
    """Django's renderer with the templates of the house."""

    form_template_name = "design/forms/form.html"
    formset_template_name = "design/forms/formset.html"
    field_template_name = "design/forms/field.html"
    bound_field_class = HouseBoundField

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The template, without the white space between its tags: small forms count their bytes."""
        return re.sub(r">\s+<", ">\n<", super().render(template_name, context, request))


def _make_native(widget: forms.Widget) -> None:
    native = NATIVE.get(type(widget))
    if native and isinstance(widget, forms.DateInput | forms.TimeInput | forms.DateTimeInput):
        if widget.input_type == "text":
            widget.input_type = native[0]
        widget.format = native[1]
