"""How forms look, and that errors are tied to their fields."""

from __future__ import annotations

import re

import pytest
from django import forms


class Tell(forms.Form):
    """A form with one field of each sort."""

    text = forms.CharField(widget=forms.Textarea, help_text="In any <language>.")
    place = forms.CharField(required=False, label="Where?")
    latin = forms.CharField(required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))
    mail = forms.EmailField(required=False)
    day = forms.DateField(required=False)
    at = forms.DateTimeField(required=False)
    hour = forms.TimeField(required=False)
    both = forms.SplitDateTimeField(required=False)
    written = forms.DateField(required=False, widget=forms.DateInput(attrs={}, format="%d/%m/%Y"))
    month = forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "month"}))
    ways = forms.MultipleChoiceField(
        choices=[("sms", "SMS"), ("mail", "E-mail")], widget=forms.CheckboxSelectMultiple
    )
    how = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, required=False)
    sure = forms.BooleanField(label="I am sure")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def tag(html: str, name: str) -> str:
    return re.search(rf'<(?:input|textarea|select)[^>]*name="{name}"[^>]*>', html)[0]


def test_a_fresh_form_has_labels_hints_and_no_errors():
    html = str(Tell())
    assert "error-summary" not in html
    assert 'aria-describedby="id_text_helptext"' in tag(html, "text")
    assert '<p class="hint" id="id_text_helptext">In any &lt;language&gt;.</p>' in html
    assert html.count('class="optional"') == 9 + 0  # every field that may stay empty says so
    assert 'type="hidden" name="token"' in html


def test_text_may_run_in_any_direction():
    html = str(Tell())
    assert 'dir="auto"' in tag(html, "text")
    assert 'dir="auto"' in tag(html, "place")
    assert 'dir="ltr"' in tag(html, "mail")
    assert 'dir="ltr"' in tag(html, "latin")


def test_days_and_hours_are_picked_with_the_browser_s_own():
    html = str(Tell({"day": "2026-01-15", "at": "2026-01-15T14:02", "hour": "14:02"}))
    assert 'type="date"' in tag(html, "day")
    assert 'value="2026-01-15"' in tag(html, "day")
    assert 'type="datetime-local"' in tag(html, "at")
    assert 'type="time"' in tag(html, "hour")
    assert 'type="date"' in tag(html, "both_0")
    assert 'type="time"' in tag(html, "both_1")
    form = Tell({"at": "2026-01-15T14:02"})
    form.is_valid()
    assert "at" not in form.errors


def test_errors_are_summed_up_and_tied_to_their_fields():
    form = Tell({"mail": "nonsense"})
    html = str(form)
    assert 'role="alert"' in html
    assert 'href="#id_text"' in html
    assert 'href="#id_ways"' in html
    assert 'aria-invalid="true"' in tag(html, "text")
    assert 'aria-describedby="id_text_helptext id_text_error"' in tag(html, "text")
    assert 'id="id_text_error"' in html
    assert 'id="id_ways_error"' in html
    assert 'aria-describedby="id_ways_error"' in html
    assert "has-error" in form["ways"].as_field_group()
    assert "has-error" not in form["place"].as_field_group()
    assert "aria-invalid" not in tag(html, "ways"), "a box of a group cannot be invalid by itself"


def test_errors_of_no_field_and_of_hidden_fields_are_shown_too():
    form = Tell({"text": "x", "ways": ["sms"], "sure": "on"})
    form.is_valid()
    form.add_error(None, "Too late.")
    form.add_error("token", "Stale.")
    html = str(form)
    assert "<li>Too late.</li>" in html
    assert "<li>Stale.</li>" in html


def test_groups_have_a_legend_and_boxes_a_word_each():
    html = Tell()["ways"].as_field_group()
    assert "<fieldset" in html
    assert re.search(r"<legend>\s*Ways", html)
    assert html.count('<label class="choice">') == 2
    one = Tell()["sure"].as_field_group()
    assert '<label class="choice" for="id_sure">' in one
    several = Tell()["both"].as_field_group()
    assert "<fieldset" in several


def test_a_form_without_ids_works():
    html = str(Tell({}, auto_id=False))
    assert "error-summary" in html
    assert " id=" not in tag(html, "text")


def test_sets_of_forms():
    html = str(forms.formset_factory(Tell, extra=2)())
    assert html.count('class="form-of-set stack"') == 2
    assert "TOTAL_FORMS" in html


@pytest.mark.parametrize(
    ("field", "layout"), [("ways", "choices"), ("how", "choices"), ("sure", "tick"), ("text", "line")]
)
def test_layouts(field, layout):
    assert Tell()[field].layout == layout
