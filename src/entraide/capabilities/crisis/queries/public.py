"""What the public may ask of a cause's crisis room, and the only way any public page, tile, feed,
export or API asks it.

Everything here reads :class:`~entraide.capabilities.crisis.models.Publication` and the names of
categories, nothing else: no filter, order, count or address is computed from what is not published, so
no series of questions can find out more than the published geometry says (no "location oracle").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from entraide.capabilities.crisis.models import Category, Publication, Sensitivity, Setup, Standing, Step
from entraide.capabilities.crisis.queries import search
from entraide.capabilities.crisis.queries.filters import ANSWERED, Filters, Tile
from entraide.foundations.places import rules as places
from entraide.refusal import Refusal

__all__ = [
    "Filters",
    "Page",
    "Room",
    "Summary",
    "by_category",
    "by_day",
    "by_language",
    "count",
    "latest",
    "name_of",
    "names",
    "newest",
    "one",
    "published",
    "room_of",
    "summary",
]

PAGE = 50  # rows of the list and of the API at a time
_DAYS_MAX = 3660  # a histogram longer than ten years says nothing
# Both databases write a moment in UTC as "2026-01-31 …" (Django sets the connection's zone). TruncDate would
# call Python for every row on SQLite.
_DAY = Substr(Cast("happened_at", TextField()), 1, 10)
# Withdrawn by core when a report gets there; refused here once more.
_NEVER = (Step.SET_ASIDE.value, Step.MERGED.value)


@dataclass(frozen=True)
class Room:
    """A cause's crisis room as the public meets it: whether it is frozen, its delay, its categories."""

    cause_id: int
    frozen: bool
    delay: timedelta
    categories: tuple[Category, ...]  # in the steward's order
    stamp: str  # changes when a category or the set-up does

    @property
    def closed(self) -> frozenset[int]:
        """Categories whose reports are never shown, with all that is below them."""
        roots = [c.pk for c in self.categories if c.sensitivity == Sensitivity.CLOSED]
        return frozenset(pk for root in roots for pk in self.below(root))

    @property
    def shown(self) -> list[Category]:
        """The categories a visitor may choose from."""
        closed = self.closed
        return [c for c in self.categories if c.pk not in closed]

    def below(self, pk: int) -> set[int]:
        """A category and all its descendants."""
        found = {pk}
        growing = True
        while growing:
            more = {c.pk for c in self.categories if c.parent_id in found} - found
            found |= more
            growing = bool(more)
        return found

    def ids_of(self, slugs: Sequence[str]) -> set[int]:
        """The categories called ``slugs`` with all below them.

        Raises:
            Refusal: 400, where ``category``: there is no such category, or it is never shown. The two
                are told in the same words, so that asking finds out nothing.
        """
        by_slug = {c.slug: c.pk for c in self.shown}
        unknown = [slug for slug in slugs if slug not in by_slug]
        if unknown:
            raise Refusal(
                _("This category does not exist here. Choose one from the list."),
                where="category",
                code="bad-filter",
            )
        return {pk for slug in slugs for pk in self.below(by_slug[slug])}


@dataclass(frozen=True)
class Summary:
    """Counts over one question, from one query."""

    total: int
    placed: int
    standing: dict[str, int]
    open: int
    urgent: int
    latest: datetime | None  # newest ``updated_at``
    etag: str  # changes with any row, category or setting of the answer

    @property
    def without_place(self) -> int:
        """How many no map can show; said beside every map and list."""
        return self.total - self.placed

    @property
    def answered(self) -> int:
        """How many are done."""
        return self.total - self.open


@dataclass(frozen=True)
class Page:
    """Some rows of a list, newest first, and where the next page begins (empty at the end)."""

    rows: list[Publication]
    after: str


def room_of(cause: object) -> Room:
    """Enter a cause's room. Two queries; pass the Room on where several questions follow."""
    cause_id: int = cause.pk  # type: ignore[attr-defined]
    setup = Setup.objects.filter(cause_id=cause_id).values_list("map_frozen", "delay_hours").first()
    frozen, delay_hours = setup or (False, 0)
    categories = tuple(Category.objects.filter(cause_id=cause_id).order_by("position", "pk"))
    stamp = repr(
        (
            frozen,
            delay_hours,
            [(c.pk, c.parent_id, c.slug, c.names, c.icon, c.sensitivity) for c in categories],
        )
    )
    return Room(cause_id, frozen, timedelta(hours=delay_hours), categories, stamp)


def published(cause: object, filters: Filters | None = None) -> QuerySet[Publication]:
    """The publications of a cause (or of a :class:`Room`) that anybody may see and ``filters`` keeps.

    A frozen map shows nothing. A delayed one shows each ``delay_hours`` after ``published_at``. Reports
    of a closed category are never shown, whatever made their publication.

    Raises:
        Refusal: 400 where a category does not exist.
    """
    room = cause if isinstance(cause, Room) else room_of(cause)
    filters = filters or Filters()
    wanted = room.ids_of(filters.category)
    rows = Publication.objects.filter(cause_id=room.cause_id)
    if room.frozen:
        return rows.none()
    rows = rows.filter(published_at__lte=timezone.now() - room.delay).exclude(step__in=_NEVER)
    if room.closed:
        rows = rows.exclude(pk__in=_in_categories(room.closed))
    if wanted:
        rows = rows.filter(pk__in=_in_categories(wanted))
    if filters.standing:
        rows = rows.filter(standing__in=filters.standing)
    if filters.step:
        answered = Q(step__in=ANSWERED)
        rows = rows.filter(answered if filters.step == "answered" else ~answered)
    if filters.since_moment:
        rows = rows.filter(happened_at__gte=filters.since_moment)
    if filters.until_moment:
        rows = rows.filter(happened_at__lt=filters.until_moment)
    if filters.language:
        rows = rows.filter(_languages(filters.language))
    if filters.channel:
        rows = rows.filter(channel__in=filters.channel)
    if filters.urgent:
        rows = rows.filter(urgent=True)
    if filters.bbox:
        rows = rows.filter(_within(filters.bbox))
    if filters.tile:
        rows = rows.filter(_in_tiles(filters.tile))
    if filters.q:
        rows = search.matching(rows, filters.q)
    return rows


def one(cause: object, ref: str) -> Publication:
    """The publication called ``ref``.

    Raises:
        Refusal: 404 where there is none or it is not to be seen: both in the same words.
    """
    found = published(cause).filter(ref=ref).first()
    if found is None:
        raise no_such_report()
    return found


def no_such_report() -> Refusal:
    """What is said of a report that does not exist, is not published, or no longer is."""
    return Refusal(
        _("There is no published report at this address. It may have been withdrawn."),
        status=404,
        code="no-such-report",
    )


def count(cause: object, filters: Filters | None = None) -> int:
    """How many publications ``filters`` keeps."""
    return published(cause, filters).count()


def summary(room: Room, filters: Filters | None = None) -> Summary:
    """Total, placed, by standing, open, urgent: one query."""
    filters = filters or Filters()
    groups = (
        published(room, filters)
        .order_by()
        .values("standing")
        .annotate(
            total=Count("*"),
            placed=Count("cell"),
            open=Count("pk", filter=~Q(step__in=ANSWERED)),
            urgents=Count("pk", filter=Q(urgent=True)),
            latest=Max("updated_at"),
            keys=Sum("pk"),  # a row that came for one that went changes it
        )
        .order_by("standing")
    )
    rows = list(groups)
    total, placed, still_open, urgent, keys = (
        sum(int(row[name]) for row in rows) for name in ("total", "placed", "open", "urgents", "keys")
    )
    standing = dict.fromkeys(Standing.values, 0) | {row["standing"]: row["total"] for row in rows}
    latest = max((row["latest"] for row in rows), default=None)
    # Keyed: the sum of row numbers must not be found out by trying.
    content = (room.stamp, filters.query_string, total, keys, latest, get_language())
    etag = salted_hmac("crisis.public.etag", repr(content), algorithm="sha256").hexdigest()[:32]
    return Summary(total, placed, standing, still_open, urgent, latest, etag)


def by_category(room: Room, filters: Filters | None = None) -> list[tuple[Category, int, int]]:
    """Each category one may choose, in tree order: (category, depth, reports in it or below it).

    A report in several categories counts once in each, and once in what is above them. One query, and
    one more for each level of the tree that has another below it.
    """
    filters = filters or Filters()
    tree = _tree_order(room.shown)
    if not tree:
        return []
    links = Publication.categories.through.objects.filter(
        publication_id__in=published(room, filters).order_by().values("pk")
    )
    direct = links.order_by().values_list("category_id").annotate(n=Count("*")).order_by("category_id")
    counts = dict(direct)
    parents = {category.parent_id for category, _depth in tree}
    for depth in range(max(level for _category, level in tree)):
        whole = [
            When(category_id__in=sorted(room.below(category.pk)), then=Value(category.pk))
            for category, at in tree
            if at == depth and category.pk in parents
        ]
        rows = (
            links.annotate(ancestor=Case(*whole, default=None, output_field=IntegerField()))
            .filter(ancestor__isnull=False)  # type: ignore[misc]  # annotated just above
            .values_list("ancestor")
            .annotate(n=Count("publication_id", distinct=True))
            .order_by("ancestor")
        )
        counts.update(dict(rows))
    return [(category, depth, counts.get(category.pk, 0)) for category, depth in tree]


def by_language(room: Room, filters: Filters | None = None) -> list[tuple[str, int]]:
    """Languages of the texts, the most frequent first; ``"und"`` where unknown."""
    rows = (
        published(room, filters)
        .order_by()
        .values_list("language")
        .annotate(n=Count("pk"))
        .order_by("-n", "language")
    )
    counts: dict[str, int] = {}
    for language, n in rows:
        counts[language or "und"] = counts.get(language or "und", 0) + n
    return list(counts.items())


def by_day(room: Room, filters: Filters | None = None) -> list[tuple[date, int]]:
    """How many happened on each day (UTC), days without any included, oldest first."""
    found = (
        published(room, filters)
        .order_by()
        .annotate(day=_DAY)
        .values_list("day")
        .annotate(n=Count("pk"))
        .order_by("day")
    )
    rows = {date.fromisoformat(day): n for day, n in found}
    if not rows:
        return []
    last = max(rows)
    first = max(min(rows), last - timedelta(days=_DAYS_MAX))
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return [(day, rows.get(day, 0)) for day in days]


def newest(room: Room, filters: Filters, *, after: str = "", size: int = PAGE) -> Page:
    """One page of the list, newest first.

    Pages hang on the moment and name of the last row seen, not on a row number: nothing is skipped or
    shown twice when reports come and go meanwhile, and the address tells no count.

    Raises:
        Refusal: 400, where ``after``: not a place in a list that we gave out.
    """
    rows = published(room, filters).order_by("-published_at", "ref").prefetch_related("categories")
    if after:
        moment, ref = _read_cursor(after)
        # The first condition says nothing new, but lets the index begin at the right row.
        rows = rows.filter(published_at__lte=moment)
        rows = rows.filter(Q(published_at__lt=moment) | Q(ref__gt=ref))
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, _cursor(found[-1]) if more else "")


def latest(room: Room, filters: Filters, size: int) -> list[Publication]:
    """Those changed last, for feeds."""
    rows = published(room, filters).order_by("-updated_at", "ref").prefetch_related("categories")
    return list(rows[:size])


def names(publication: Publication, room: Room) -> list[Category]:
    """The publication's categories, in the steward's order; prefetch ``categories`` for many."""
    mine = {category.pk for category in publication.categories.all()}
    return [category for category in room.categories if category.pk in mine]


def name_of(category: Category, language: str | None = None) -> str:
    """A category's name in the reader's language, else English, else any, else its slug."""
    wanted = language or get_language() or "en"
    for code in (wanted, wanted.split("-")[0], settings.LANGUAGE_CODE):
        if category.names.get(code):
            return str(category.names[code])
    return next((str(name) for name in category.names.values() if name), category.slug)


def _in_categories(pks: frozenset[int] | set[int]) -> QuerySet:
    through = Publication.categories.through
    return through.objects.filter(category_id__in=sorted(pks)).values("publication_id")


def _languages(codes: Sequence[str]) -> Q:
    wanted = Q()
    for code in codes:
        wanted |= Q(language__iexact=code) | Q(language__istartswith=f"{code}-")
        if code == "und":
            wanted |= Q(language="")
    return wanted


def _in_tiles(tiles: Sequence[Tile]) -> Q:
    wanted = Q()
    for tile in tiles:
        wanted |= Q(cell__range=places.cell_range(*tile))
    return wanted


def _within(box: tuple[float, float, float, float]) -> Q:
    west, south, east, north = box
    top_left = places.to_grid(north, west)
    bottom_right = places.to_grid(south, east)
    between_rows = Q(y__gte=top_left.y, y__lte=bottom_right.y)
    if west > east:
        return between_rows & (Q(x__gte=top_left.x) | Q(x__lte=bottom_right.x))
    return between_rows & Q(x__gte=top_left.x, x__lte=bottom_right.x)


def _tree_order(categories: Sequence[Category]) -> list[tuple[Category, int]]:
    children: dict[int | None, list[Category]] = {}
    known = {category.pk for category in categories}
    for category in categories:
        children.setdefault(category.parent_id if category.parent_id in known else None, []).append(category)
    ordered: list[tuple[Category, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for category in children.get(parent, []):
            ordered.append((category, depth))
            walk(category.pk, depth + 1)

    walk(None, 0)
    return ordered


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _cursor(row: Publication) -> str:
    return f"{(row.published_at - _EPOCH) // timedelta(microseconds=1)}.{row.ref}"


def _read_cursor(text: str) -> tuple[datetime, str]:
    moment, _dot, ref = text.partition(".")
    try:
        if not (moment.isascii() and moment.isdigit() and ref.isascii() and ref.isalnum() and len(text) < 60):
            raise ValueError(text)
        return _EPOCH + timedelta(microseconds=int(moment)), ref
    except (ValueError, OverflowError):
        raise Refusal(
            _("This address does not lead into the list. Begin at its first page."),
            where="after",
            code="bad-cursor",
        ) from None
