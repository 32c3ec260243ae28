"""Places the operator loaded and places the house learnt. GeoNames is not here: it is a compiled file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

LEARNT = "learnt:"  # begins the source of a name that only searches in the scope behind it may find


class Kind(models.TextChoices):
    """What sort of place a row is; decides its radius where the source gives none."""

    COUNTRY = "country", _("country")
    REGION = "region", _("region")
    DISTRICT = "district", _("district")
    TOWN = "town", _("town")
    QUARTER = "quarter", _("quarter or village")
    ROAD = "road", _("road")
    SPOT = "spot", _("building or landmark")


class Place(models.Model):
    """One named place with its position on the grid and how large it is."""

    name = models.CharField(max_length=300)
    country = models.CharField(max_length=2)  # ISO 3166-1, upper case
    admin = models.CharField(max_length=300, blank=True)  # what it lies in: "Léogâne, Ouest"
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.QUARTER)
    x = models.BigIntegerField()
    y = models.BigIntegerField()
    cell = models.BigIntegerField()
    radius_m = models.PositiveIntegerField()
    source = models.CharField(max_length=80)  # "OpenStreetMap 2010", "learnt:<scope>"
    source_key = models.CharField(
        max_length=200
    )  # names the row in its source: loading twice changes nothing
    licence = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    loaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["country", "cell"], name="places_place_country_cell"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "country", "source_key"], name="places_place_loaded_once"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="places_place_kind_known"),
            models.CheckConstraint(
                condition=models.Q(x__gte=0, x__lt=2**32, y__gte=0, y__lt=2**32),
                name="places_place_on_the_grid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.admin}" if self.admin else self.name


class PlaceName(models.Model):
    """One way to write a place's name, as searched: ``normal`` and ``sound`` come from ``rules.names``."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=300)
    normal = models.CharField(max_length=300)
    sound = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2)  # the place's, repeated so that one index answers

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["normal", "country"], name="places_name_normal"),
            models.Index(fields=["sound", "country"], name="places_name_sound"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["place", "normal"], name="places_name_once_a_place"),
        ]

    def __str__(self) -> str:
        return self.name
