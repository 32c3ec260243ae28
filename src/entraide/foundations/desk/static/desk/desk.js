/**
 * The desk while it is open: the counts follow the lines, the lease says how long it still runs.
 * Everything here is a comfort; without it the desk works by pages.
 */
import { listen } from "entraide/live";

const QUIET = 1000; // ms: many changes at once are one look

/* Lines: fetched again when one of their topics speaks. */
let waitingToLook = null;

async function look() {
  waitingToLook = null;
  const lines = document.getElementById("desk-lines");
  if (!lines) return;
  const address = new URL(lines.dataset.entraideLines, location.href);
  const idle = document.querySelector("#desk-work[data-entraide-idle]");
  if (idle) address.searchParams.set("idle", "1");
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["desk-lines", "desk-work"]) {
    const place = document.getElementById(id);
    const node = fresh.getElementById(id);
    // Never under somebody's hands: the focus stays, and an item taken meanwhile is not replaced.
    if (!place || !node || place.contains(document.activeElement)) continue;
    if (id === "desk-work" && !place.hasAttribute("data-entraide-idle")) continue;
    place.replaceWith(document.adoptNode(node));
    globalThis.htmx?.process(node);
  }
}

function lookSoon() {
  waitingToLook ??= setTimeout(look, QUIET);
}

for (const topic of document.getElementById("desk-lines")?.dataset.entraideTopics?.split(" ") ?? []) {
  if (topic) listen(topic, lookSoon);
}

/* Lease: a calm clock, one spoken warning, never a surprise. */
let lease = null;

function begin(element) {
  const clock = element.querySelector("[data-entraide-lease-clock]");
  const spoken = element.closest("form").querySelector("[data-entraide-lease-spoken]");
  const words = element.dataset;
  const end = performance.now() + Number(words.entraideLease) * 1000;
  return { element, clock, spoken, words, end, warned: false, over: false };
}

function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function tick() {
  const element = document.querySelector("[data-entraide-lease]");
  if (!element) {
    lease = null;
    return;
  }
  if (lease?.element !== element) lease = begin(element);
  const left = Math.max(0, Math.ceil((lease.end - performance.now()) / 1000));
  if (left === 0 && !lease.over) {
    lease.over = true;
    lease.clock.textContent = lease.words.entraideWordsOver;
    lease.spoken.textContent = lease.words.entraideWordsOver;
  } else if (left > 0) {
    lease.clock.textContent = lease.words.entraideWordsLeft.replace("{time}", minutes(left));
    if (left <= Number(lease.words.entraideWarn) && !lease.warned) {
      lease.warned = true;
      element.dataset.soon = "";
      lease.spoken.textContent = lease.words.entraideWordsSoon;
    }
  }
}

tick();
setInterval(tick, 1000);

/* A new item came by htmx: its own lease counts at once. */
document.addEventListener("htmx:afterSettle", tick);
