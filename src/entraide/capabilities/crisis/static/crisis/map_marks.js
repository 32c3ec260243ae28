// Features of the tiles in view, as buttons on the map: how many, how sure, exact or somewhere about here.
// One stop for the tab key; arrows go from mark to mark.

const STANDINGS = ["verified", "corroborated", "unverified", "out-of-date", "refuted"];

export function marksOf(map, maplibre, source, zoomMax, open) {
  const words = document.querySelector("#crisis-words");
  const shown = new Map(); // name of the square -> marker
  let current = null;

  function draw() {
    const zoom = Math.max(0, Math.min(zoomMax, Math.floor(map.getZoom())));
    const wanted = new Map();
    for (const layer of ["clusters", "points"]) {
      for (const feature of map.querySourceFeatures(source, { sourceLayer: layer })) {
        const { tile } = feature.properties;
        // While a zoom loads the source also holds tiles of the one before; a square is one zoom's.
        if (Number(tile.split("/", 1)[0]) === zoom + 4) wanted.set(tile, feature);
      }
    }
    if (wanted.size === 0 && !map.isSourceLoaded(source)) return;
    for (const [name, marker] of shown) {
      const feature = wanted.get(name);
      if (feature && marker.state === JSON.stringify(feature.properties)) continue;
      marker.remove();
      shown.delete(name);
    }
    for (const [name, feature] of wanted) {
      if (!shown.has(name)) shown.set(name, add(feature));
    }
    oneTabStop();
  }

  function add(feature) {
    const mark = describe(feature);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "crisis-mark";
    button.dataset.kind = mark.kind;
    button.dataset.standing = mark.standing;
    button.dataset.size = String(Math.min(4, Math.ceil(Math.log10(mark.count + 1))));
    if (mark.open === 0) button.dataset.answered = "";
    if (mark.urgent) button.dataset.urgent = "";
    button.setAttribute("aria-label", spoken(mark));
    button.title = mark.title || spoken(mark);
    if (mark.count === 1) {
      button.append(words.content.querySelector(`[data-standing="${mark.standing}"] svg`).cloneNode(true));
    } else {
      button.textContent = short(mark.count);
    }
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      current = button;
      open({ ...mark, button });
    });
    const marker = new maplibre.Marker({ element: button, anchor: "center" })
      .setLngLat(feature.geometry.coordinates)
      .addTo(map);
    // MapLibre names every marker alike; ours say what they are.
    button.setAttribute("aria-label", spoken(mark));
    marker.state = JSON.stringify(feature.properties);
    return marker;
  }

  function describe({ geometry, properties }) {
    const count = properties.count ?? 1;
    const standing = properties.standing ?? STANDINGS.find((name) => properties[name] === count) ?? "mixed";
    const areas = properties.areas ?? 0;
    return {
      ...properties,
      count,
      standing,
      areas,
      kind: areas === count ? "area" : count === 1 ? "point" : "cluster",
      open: Number(properties.open ?? 0),
      urgent: Number(properties.urgent ?? 0),
      at: geometry.coordinates,
    };
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

function short(count) {
  return new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(count);
}

function centre(button) {
  const box = button.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}

const minus = (a, b) => [a[0] - b[0], a[1] - b[1]];
const along = (gap, way) => gap[0] * way[0] + gap[1] * way[1];
