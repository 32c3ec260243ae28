// What happens elsewhere, as it happens: listen("map:…", (data) => …) hears a topic of /live/.
// Returns a function that stops listening. One connection per topic, opened again when it breaks.
// Every event is also sent to the document as "entraide:live" {topic, data}; whether the
// connection stands, as "entraide:live-state" {topic, connected}.
const WAIT_MIN_MS = 1000;
const WAIT_MAX_MS = 30000;
const topics = new Map();

export function listen(topic, handler) {
  let entry = topics.get(topic);
  if (!entry) {
    entry = { handlers: new Set(), wait: WAIT_MIN_MS, source: null, timer: 0 };
    topics.set(topic, entry);
    connect(topic, entry);
  }
  entry.handlers.add(handler);
  return () => {
    entry.handlers.delete(handler);
    if (entry.handlers.size === 0) {
      close(entry);
      topics.delete(topic);
    }
  };
}

function connect(topic, entry) {
  const source = new EventSource(`/live/${encodeURI(topic)}`);
  entry.source = source;
  source.onopen = () => {
    entry.wait = WAIT_MIN_MS;
    tell("entraide:live-state", { topic, connected: true });
  };
  source.onmessage = (event) => {
    const data = parse(event.data);
    for (const handler of entry.handlers) handler(data);
    tell("entraide:live", { topic, data });
  };
  source.onerror = () => {
    tell("entraide:live-state", { topic, connected: false });
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    // The server said no, or is being restarted: try again, ever more slowly, not all at once.
    entry.timer = setTimeout(() => connect(topic, entry), entry.wait * (0.75 + Math.random() / 2));
    entry.wait = Math.min(entry.wait * 2, WAIT_MAX_MS);
  };
}

function close(entry) {
  clearTimeout(entry.timer);
  entry.source?.close();
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

// A page put aside by the browser must not hold a connection; brought back, it listens again.
addEventListener("pagehide", () => {
  for (const entry of topics.values()) close(entry);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const [topic, entry] of topics) connect(topic, entry);
});
