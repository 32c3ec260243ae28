// The moving map of a cause's reports. Marks are buttons made from the vector tiles, so that a keyboard and
// a screen reader reach them; their counts are the server's and add up to the list's. Without WebGL the
// drawn map stays in place.
import { listen } from "entraide/live";
import { openCard } from "./map_card.js";
import { marksOf } from "./map_marks.js";
import { houseStyle } from "./map_style.js";

const REPORTS = "reports";
const TILE_ZOOM_MAX = 16;
// Tiles may be kept for a second; ask again only when the old one has grown stale.
const RENEW_AFTER_MS = 1200;

const element = document.querySelector("[data-entraide-crisis-map]");
if (element) start(element).catch((problem) => withoutMap(element, problem));

async function start(element) {
  const maplibre = await import("maplibre-gl");
  const words = document.querySelector("#crisis-words").dataset;
  const live = document.createElement("div");
  live.className = "map-live";
  element.append(live);
  const [west, south, east, north] = element.dataset.bounds.split(",").map(Number);
  const tiles = new URL(element.dataset.tiles, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  const query = element.dataset.query ? `?${element.dataset.query}` : "";
  const map = new maplibre.Map({
    container: live,
    style: element.dataset.styleUrl || (await houseStyle(element)),
    bounds: viewFromAddress() ? undefined : [[west, south], [east, north]],
    ...viewFromAddress(),
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: false,
    locale: {
      "NavigationControl.ZoomIn": words.zoomIn,
      "NavigationControl.ZoomOut": words.zoomOut,
      "Map.Title": words.map,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  // At the beginning of the line: the card of a mark stands at its end.
  const beginning = document.documentElement.dir === "rtl" ? "top-right" : "top-left";
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), beginning);
  await new Promise((resolve, reject) => {
    map.once("load", resolve);
    // Only a map that cannot start is given up; a tile that fails later is not.
    map.once("error", ({ error }) => (map.loaded() ? undefined : reject(error)));
  });
  element.classList.add("is-live");

  map.addSource(REPORTS, { type: "vector", tiles: [tiles + query], minzoom: 0, maxzoom: TILE_ZOOM_MAX });
  addAreas(map, element);
  const marks = marksOf(map, maplibre, REPORTS, TILE_ZOOM_MAX, (mark) => openCard(map, element, mark));
  map.on("sourcedata", (event) => event.sourceId === REPORTS && marks.draw());
  map.on("moveend", () => {
    marks.draw();
    keepViewInAddress(map);
  });
  map.on("idle", () => {
    marks.draw();
    element.dataset.ready = "";
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", async () => {
    if (!element.dataset.styleUrl) location.reload();
  });

  let waiting = null;
  listen(element.dataset.topic, () => {
    waiting ??= setTimeout(() => {
      waiting = null;
      map.refreshTiles(REPORTS);
      renewParts();
    }, RENEW_AFTER_MS);
  });
}

// Cells in which reports lie somewhere: a soft area with a dashed border, no point in it.
function addAreas(map, element) {
  const colour = getComputedStyle(element).getPropertyValue("--crisis-area").trim() || "#946a00";
  const source = { source: REPORTS, "source-layer": "areas" };
  map.addLayer({ id: "areas", type: "fill", ...source, paint: { "fill-color": colour, "fill-opacity": 0.14 } });
  map.addLayer({
    id: "areas-border",
    type: "line",
    ...source,
    paint: { "line-color": colour, "line-width": 1.5, "line-dasharray": [3, 2] },
  });
}

// The counts above the map, from the same page, as everybody would see it now.
async function renewParts() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-entraide-renew]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && fresh.textContent !== part.textContent) part.replaceWith(fresh);
  }
}

// "#9/-18.9100/47.5200": what one sees can be sent to somebody.
function viewFromAddress() {
  const [zoom, lat, lon] = location.hash.slice(1).split("/").map(Number);
  const sound = [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return location.hash && sound ? { zoom, center: [lon, lat] } : null;
}

function keepViewInAddress(map) {
  const { lat, lng } = map.getCenter().wrap();
  const hash = `#${map.getZoom().toFixed(2)}/${lat.toFixed(4)}/${lng.toFixed(4)}`;
  history.replaceState(history.state, "", location.pathname + location.search + hash);
}

function withoutMap(element, problem) {
  console.warn("the drawn map stays:", problem?.message ?? problem);
  element.querySelector(".map-live")?.remove();
  const note = document.createElement("p");
  note.className = "notice";
  note.dataset.tone = "info";
  note.textContent = document.querySelector("#crisis-words").dataset.noMap;
  element.after(note);
}
