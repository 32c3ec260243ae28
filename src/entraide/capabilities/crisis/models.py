"""Tables of the crisis room.

Two worlds, kept apart on purpose. A :class:`Report` holds what we know, exact place included, and is
reached only through a right. A :class:`Publication` holds what the public may know: its place is the
*published* geometry and nothing else. Every public page, filter, count, tile, feed and export reads
publications alone, so that no question anybody can ask is answered from an exact place (the
"location oracle").
"""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from entraide.foundations.channels.rules import unseal_text

REF_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def new_ref() -> str:
    """A report's public name: ten random letters that no one confuses, telling neither order nor count."""
    return "".join(secrets.choice(REF_ALPHABET) for _ in range(10))


class Sensitivity(models.TextChoices):
    """How careful the house is with a category's reports."""

    OPEN = "open", _("Open: may be published after triage")
    GUARDED = "guarded", _("Guarded: two people must agree before it is published")
    CLOSED = "closed", _("Closed: never published, only named persons see it")


class Precision(models.TextChoices):
    """How exactly the public may know the place."""

    EXACT = "exact", _("The exact point")
    DISPLACED = "displaced", _("A point moved by up to 2 km, always the same for one place")
    AREA_SMALL = "area-small", _("An area of about 2.5 km")
    AREA_LARGE = "area-large", _("An area of about 20 km")
    HIDDEN = "hidden", _("No place at all")


class Step(models.TextChoices):
    """How far a report has come. Each change is a :class:`Change` with who, why, evidence and time."""

    NEW = "new", _("New")
    TRIAGED = "triaged", _("Read")
    LOCATED = "located", _("Placed")
    ROUTED = "routed", _("Handed on")
    TAKEN = "taken", _("Somebody is on it")
    DONE = "done", _("Done")
    TOLD = "told", _("Done, and the witness was told")
    SET_ASIDE = "set-aside", _("Not about this")
    MERGED = "merged", _("Same as another")


class Standing(models.TextChoices):
    """How sure we are."""

    UNVERIFIED = "unverified", _("Not yet checked")
    CORROBORATED = "corroborated", _("Told by several")
    VERIFIED = "verified", _("Verified")
    REFUTED = "refuted", _("Refuted")
    OUT_OF_DATE = "out-of-date", _("Out of date")


class Setup(models.Model):
    """How one cause runs its crisis room; edited by its stewards on the house's own pages."""

    cause = models.OneToOneField("causes.Cause", on_delete=models.CASCADE, related_name="+")
    two_person = models.BooleanField(default=False)  # a second person must agree to every publication
    delay_hours = models.PositiveSmallIntegerField(default=0)
    map_frozen = models.BooleanField(default=False)  # nothing new is published, nothing is shown
    texts = models.JSONField(default=dict, blank=True)  # {"receipt": {"en": "…", "fr": "…"}, …}
    risk_note = models.JSONField(default=dict, blank=True)  # {"en": "…"}: what a witness risks by telling

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(delay_hours__lte=72), name="crisis_setup_delay_at_most_72h"
            )
        ]

    def __str__(self) -> str:
        return f"set-up of {self.cause_id}"


class Category(models.Model):
    """A kind of need or event, in a tree the steward edits."""

    cause = models.ForeignKey("causes.Cause", on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    slug = models.SlugField(max_length=60, allow_unicode=False)
    names = models.JSONField(default=dict)  # {"en": "Drinking water", "fr": "Eau potable"}
    icon = models.CharField(max_length=40, default="other")
    sensitivity = models.CharField(max_length=10, choices=Sensitivity, default=Sensitivity.OPEN)
    precision = models.CharField(max_length=12, choices=Precision, default=Precision.AREA_SMALL)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cause", "slug"], name="crisis_category_slug_once_in_cause"),
            models.CheckConstraint(
                condition=models.Q(sensitivity__in=Sensitivity.values),
                name="crisis_category_sensitivity_known",
            ),
            models.CheckConstraint(
                condition=models.Q(precision__in=Precision.values), name="crisis_category_precision_known"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Report(models.Model):
    """What one or several messages tell: one event or need, at one place. Private."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    cause = models.ForeignKey("causes.Cause", on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=10, choices=Step, default=Step.NEW)
    standing = models.CharField(max_length=12, choices=Standing, default=Standing.UNVERIFIED)
    categories = models.ManyToManyField(Category, blank=True, related_name="reports")
    title = models.CharField(max_length=200, blank=True)  # as to be published
    text = models.TextField(blank=True)  # as to be published: contacts masked, editable by triagers
    language = models.CharField(max_length=35, blank=True)  # BCP 47
    urgent = models.BooleanField(default=False)
    # Where: the 32-bit web-mercator grid of places.rules, and how sure (metres). Never shown to the public.
    exact_x = models.BigIntegerField(null=True, blank=True)
    exact_y = models.BigIntegerField(null=True, blank=True)
    exact_radius_m = models.PositiveIntegerField(null=True, blank=True)
    place_name = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="voices"
    )
    import_key = models.CharField(max_length=120, null=True, blank=True)  # names the row it was imported from
    routed_to = models.ForeignKey(
        "people.Organisation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    taken_by = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField(null=True, blank=True)  # words, categories or place last changed by hand

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["cause", "step"], name="crisis_report_cause_step")]
        constraints = [
            models.UniqueConstraint(fields=["cause", "import_key"], name="crisis_report_imported_once"),
            models.CheckConstraint(condition=models.Q(step__in=Step.values), name="crisis_report_step_known"),
            models.CheckConstraint(
                condition=models.Q(standing__in=Standing.values), name="crisis_report_standing_known"
            ),
            models.CheckConstraint(
                condition=models.Q(exact_x__isnull=True, exact_y__isnull=True, exact_radius_m__isnull=True)
                | models.Q(exact_x__isnull=False, exact_y__isnull=False, exact_radius_m__isnull=False),
                name="crisis_report_place_whole_or_none",
            ),
            models.CheckConstraint(
                condition=models.Q(step=Step.MERGED, merged_into__isnull=False)
                | (~models.Q(step=Step.MERGED) & models.Q(merged_into__isnull=True)),
                name="crisis_report_merged_says_into_which",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")),
                name="crisis_report_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class ReportMessage(models.Model):
    """Which messages a report rests on. A message belongs to one report at most, and stays with it when
    the report is merged into another: the voices of a report are its own and those of its ``voices``."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sources")
    message = models.OneToOneField("channels.Message", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20, blank=True)  # "sms", "mail", "web", "webhook", "import"
    sender_key = models.CharField(max_length=80, blank=True)  # opaque: tells senders apart, names none
    # SHA-256 of the secret in the witness's private follow-up address; the secret itself is never kept.
    follow_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"message {self.message_id} of report {self.report_id}"


class Change(models.Model):
    """One step in a report's history: what changed, who, why, on what evidence, when. Never edited."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=12)  # "step", "standing", "published", "withdrawn", "merged", "text"
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    why = models.TextField(blank=True)
    sealed_evidence = models.BinaryField(default=bytes)  # an address or a note: may name who was asked
    independent_sources = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.what} {self.after}".strip()

    @property
    def evidence(self) -> str:
        """The evidence, opened: for the team."""
        return unseal_text(self.sealed_evidence)


class Approval(models.Model):
    """One person's "yes, publish this". Guarded categories and two-person causes need two of them."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="approvals")
    by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "by"], name="crisis_approval_once_a_person")]

    def __str__(self) -> str:
        return f"approval of report {self.report_id}"


class Publication(models.Model):
    """What the public may know of a report. Made and renewed by ``actions.publish`` alone.

    Triggers of the database refuse a publication of a report in a closed category, whichever of the
    two comes first.
    """

    class Shape(models.TextChoices):
        """What is drawn: a point, an area, or nothing."""

        POINT = "point", _("point")
        AREA = "area", _("area")
        NONE = "none", _("no place")

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="publication")
    ref = models.CharField(max_length=10, unique=True)
    cause = models.ForeignKey("causes.Cause", on_delete=models.PROTECT, related_name="+")
    categories = models.ManyToManyField(Category, blank=True, related_name="publications")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=35, blank=True)
    step = models.CharField(max_length=10, choices=Step)
    standing = models.CharField(max_length=12, choices=Standing)
    urgent = models.BooleanField(default=False)
    senders = models.PositiveIntegerField(default=1)  # "3 independent senders"
    channel = models.CharField(max_length=20, blank=True)  # "sms", "mail", "web", "import"
    # The published geometry (places.rules.Published). For an area x, y is its centre and cell_zoom its size.
    shape = models.CharField(max_length=5, choices=Shape, default=Shape.NONE)
    x = models.BigIntegerField(null=True)
    y = models.BigIntegerField(null=True)
    cell = models.BigIntegerField(null=True)  # 64-bit Z-order cell of (x, y), signed; see places.rules
    cell_zoom = models.PositiveSmallIntegerField(null=True)
    radius_m = models.PositiveIntegerField(null=True)
    place_label = models.CharField(max_length=300, blank=True)  # no finer than the published geometry
    happened_at = models.DateTimeField()  # rounded to the hour where the place is not exact
    checked_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)  # when open maps heard of it; later under a delay

    class Meta:
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(fields=["cause", "cell"], name="crisis_publication_cause_cell"),
            models.Index(fields=["cause", "-published_at", "-id"], name="crisis_publication_newest"),
            models.Index(fields=["cause", "happened_at"], name="crisis_publication_happened"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shape="none", x__isnull=True, y__isnull=True, cell__isnull=True)
                | models.Q(shape__in=["point", "area"], x__isnull=False, y__isnull=False, cell__isnull=False),
                name="crisis_publication_shape_has_its_place",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class Bulk(models.Model):
    """One change to many reports, done as one piece of work that can be watched, left and undone."""

    class Deed(models.TextChoices):
        """What is done to each report."""

        PUBLISH = "publish", _("Publish")
        WITHDRAW = "withdraw", _("Withdraw from the public map")
        CATEGORY = "category", _("Add a category")
        SET_ASIDE = "set-aside", _("Not about this")

    cause = models.ForeignKey("causes.Cause", on_delete=models.CASCADE, related_name="+")
    deed = models.CharField(max_length=10, choices=Deed)
    category = models.ForeignKey(Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    why = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    undo_asked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deed__in=["publish", "withdraw", "category", "set-aside"]),
                name="crisis_bulk_deed_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.pk}"


class BulkItem(models.Model):
    """One report in a bulk change, and how it fared."""

    class State(models.TextChoices):
        """Where this one stands."""

        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        UNDONE = "undone", _("Undone")

    bulk = models.ForeignKey(Bulk, on_delete=models.CASCADE, related_name="items")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)  # why it was refused
    before = models.JSONField(default=dict, blank=True)  # what undoing needs

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bulk", "report"], name="crisis_bulk_report_once")]

    def __str__(self) -> str:
        return f"{self.bulk_id}: {self.state}"
