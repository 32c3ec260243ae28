// Features of the tiles in view, as buttons on the map: how many, how sure, exact or somewhere about here.
// One stop for the tab key; arrows go from mark to mark.

// As far apart as a thumb needs; with the grid's 32 px a mark never joins more than its neighbours.
const APART_PX = 40;
const STANDINGS = ["verified", "corroborated", "unverified", "out-of-date", "refuted"];

export function marksOf(map, maplibre, source, zoomMax, open) {
  const words = document.querySelector("#crisis-words");
  const shown = new Map(); // name of the square -> marker
  let current = null;

  function draw() {
    const zoom = Math.max(0, Math.min(zoomMax, Math.floor(map.getZoom())));
    const squares = new Map();
    for (const layer of ["clusters", "points"]) {
      for (const feature of map.querySourceFeatures(source, { sourceLayer: layer })) {
        const { tile } = feature.properties;
        // While a zoom loads the source also holds tiles of the one before; a square is one zoom's.
        if (Number(tile.split("/", 1)[0]) === zoom + 4) squares.set(tile, describe(feature));
      }
    }
    if (squares.size === 0 && !map.isSourceLoaded(source)) return;
    const wanted = new Map(apart([...squares.values()]).map((mark) => [mark.tiles.join(" "), mark]));
    for (const [name, marker] of shown) {
      const mark = wanted.get(name);
      if (mark && marker.state === JSON.stringify(mark)) continue;
      marker.remove();
      shown.delete(name);
    }
    for (const [name, mark] of wanted) {
      if (!shown.has(name)) shown.set(name, add(mark));
    }
    oneTabStop();
  }

  // Squares of the grid meet where towns do not care: marks that would cover one another become one mark,
  // and its count is theirs together.
  function apart(marks) {
    const kept = [];
    for (const mark of marks.sort((a, b) => b.count - a.count || (a.tile < b.tile ? -1 : 1))) {
      const place = map.project(mark.at);
      const near = kept.find((other) => Math.hypot(other.place.x - place.x, other.place.y - place.y) < APART_PX);
      if (near) near.mark = together(near.mark, mark);
      else kept.push({ mark, place });
    }
    return kept.map(({ mark }) => mark);
  }

  function add(mark) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "crisis-mark";
    button.dataset.kind = mark.kind;
    button.dataset.standing = mark.standing;
    button.dataset.size = String(Math.min(4, Math.ceil(Math.log10(mark.count + 1))));
    if (mark.open === 0) button.dataset.answered = "";
    if (mark.urgent && mark.open) button.dataset.urgent = "";
    button.title = mark.title || spoken(mark);
    if (mark.count === 1) {
      button.append(words.content.querySelector(`[data-standing="${mark.standing}"] svg`).cloneNode(true));
    } else {
      button.dataset.several = "";
      button.textContent = short(mark.count);
    }
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      current = button;
      open({ ...mark, button });
    });
    const marker = new maplibre.Marker({ element: button, anchor: "center" }).setLngLat(mark.at).addTo(map);
    // MapLibre names every marker alike; ours say what they are.
    button.setAttribute("aria-label", spoken(mark));
    marker.state = JSON.stringify(mark);
    return marker;
  }

  function spoken(mark) {
    const say = words.dataset;
    const parts = [mark.title, mark.count === 1 ? say.one : say.many.replace("%n", mark.count)];
    const standing = words.content.querySelector(`[data-standing="${mark.standing}"]`);
    if (standing) parts.push(standing.textContent.trim());
    if (mark.count > 1) parts.push(say.open.replace("%n", mark.open));
    if (mark.urgent) parts.push(say.urgent);
    if (mark.kind === "area") parts.push(say.inArea);
    return parts.filter(Boolean).join(", ");
  }

  function oneTabStop() {
    const buttons = [...shown.values()].map((marker) => marker.getElement());
    const stop = buttons.includes(current) ? current : buttons[0];
    for (const button of buttons) button.tabIndex = button === stop ? 0 : -1;
  }

  // The nearest mark in the direction of the arrow.
  map.getContainer().addEventListener(
    "keydown",
    (event) => {
      const from = event.target.closest?.(".crisis-mark");
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!from || !way) return;
      event.preventDefault();
      event.stopPropagation();
      const middle = centre(from);
      const ahead = [...shown.values()]
        .map((marker) => marker.getElement())
        .filter((button) => button !== from)
        .map((button) => ({ button, gap: minus(centre(button), middle) }))
        .filter(({ gap }) => along(gap, way) > Math.abs(along(gap, [way[1], way[0]])) * 0.5)
        .sort((a, b) => Math.hypot(...a.gap) - Math.hypot(...b.gap));
      if (!ahead.length) return;
      current = ahead[0].button;
      oneTabStop();
      current.focus();
    },
    true,
  );

  return { draw };
}

function describe({ geometry, properties }) {
  const count = properties.count ?? 1;
  const standing = properties.standing ?? STANDINGS.find((name) => properties[name] === count) ?? "mixed";
  const areas = properties.areas ?? 0;
  return {
    tile: properties.tile,
    tiles: [properties.tile],
    title: properties.title ?? "",
    count,
    standing,
    areas,
    kind: kindOf(count, areas),
    open: Number(properties.open ?? 0),
    urgent: Number(properties.urgent ?? 0),
    at: geometry.coordinates,
  };
}

function together(a, b) {
  const count = a.count + b.count;
  const areas = a.areas + b.areas;
  return {
    ...a,
    tiles: [...a.tiles, ...b.tiles].sort(),
    title: "",
    count,
    standing: a.standing === b.standing ? a.standing : "mixed",
    areas,
    kind: kindOf(count, areas),
    open: a.open + b.open,
    urgent: a.urgent + b.urgent,
  };
}

function kindOf(count, areas) {
  return areas === count ? "area" : count === 1 ? "point" : "cluster";
}

function short(count) {
  return new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(count);
}

function centre(button) {
  const box = button.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}

const minus = (a, b) => [a[0] - b[0], a[1] - b[1]];
const along = (gap, way) => gap[0] * way[0] + gap[1] * way[1];
