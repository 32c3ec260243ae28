// What a mark stands for: the report, or the reports of that square, fetched from the public API.

const SHOWN = 8;

export async function openCard(map, element, mark) {
  const place = document.querySelector("#crisis-card");
  const words = document.querySelector("#crisis-words").dataset;
  const query = new URLSearchParams(element.dataset.query);
  query.delete("tile");
  for (const tile of mark.tiles) query.append("tile", tile);
  let answer;
  try {
    const response = await fetch(`${element.dataset.reports}?${query}&size=${SHOWN}`);
    if (!response.ok) throw new Error(response.statusText);
    answer = await response.json();
  } catch {
    place.replaceChildren(make("p", { className: "notice" }, words.failed));
    place.firstChild.dataset.tone = "error";
    return;
  }
  const card = make("section", { className: "card crisis-card" });
  card.tabIndex = -1;
  const close = make("button", { type: "button", className: "button quiet crisis-card-close" }, words.close);
  close.addEventListener("click", () => shut(place, mark.button));
  card.addEventListener("keydown", (event) => event.key === "Escape" && shut(place, mark.button));
  card.append(close);
  if (answer.total > 1) card.append(make("h2", {}, words.many.replace("%n", answer.total)));
  for (const { properties } of answer.reports) card.append(summary(properties, words, answer.total === 1));
  if (answer.total > 1) {
    const bar = make("p", { className: "cluster" });
    bar.append(make("a", { className: "button", href: `${element.dataset.list}?${query}` }, words.see));
    if (map.getZoom() < map.getMaxZoom() - 1) {
      const closer = make("button", { type: "button", className: "button quiet" }, words.closer);
      closer.addEventListener("click", () => {
        shut(place);
        map.easeTo({ center: mark.at, zoom: Math.min(map.getZoom() + 2.5, map.getMaxZoom()) });
      });
      bar.append(closer);
    }
    card.append(bar);
  }
  place.replaceChildren(card);
  card.focus({ preventScroll: false });
}

function summary(report, words, alone) {
  const part = make("article", { className: "stack" });
  const heading = make(alone ? "h2" : "h3", {});
  const link = make("a", { href: new URL(report.url).pathname }, report.title);
  if (report.language !== "und") link.lang = report.language;
  link.dir = "auto";
  heading.append(link);
  part.append(heading);
  const marks = make("p", { className: "cluster" });
  const standing = document.querySelector("#crisis-words").content.querySelector(`[data-standing="${report.standing}"]`);
  if (standing) marks.append(...[...standing.childNodes].map((node) => node.cloneNode(true)));
  if (report.urgent) marks.append(make("strong", { className: "crisis-urgent" }, words.urgent));
  part.append(marks);
  const facts = [report.category_names.join(", "), report.place];
  if (report.shape === "area") facts.push(words.inArea);
  facts.push(`${words.checked} ${report.checked_at ? day(report.checked_at) : words.never}`);
  part.append(make("p", { className: "crisis-row-facts" }, facts.filter(Boolean).join(" · ")));
  return part;
}

function shut(place, button) {
  place.replaceChildren();
  button?.isConnected && button.focus();
}

function day(moment) {
  const form = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  return form.format(new Date(moment));
}

function make(tag, properties, text) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text) made.textContent = text;
  return made;
}
