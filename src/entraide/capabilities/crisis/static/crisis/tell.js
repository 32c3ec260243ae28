// Comforts of the witness's form: a draft that outlives a reload, and the place where she is.
// The draft lives in this tab alone and goes with it: a telephone may be taken from its owner.
const form = document.querySelector("[data-entraide-tell]");
const name = `entraide-tell-${form.dataset.entraideTell}`;
const KEPT = ["text", "place", "contact"];

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "{}");
  } catch {
    return {};
  }
}

for (const [field, value] of Object.entries(stored())) {
  const control = form.elements[field];
  if (KEPT.includes(field) && control && !control.value) control.value = value;
}

form.addEventListener("input", () => {
  try {
    sessionStorage.setItem(name, JSON.stringify(Object.fromEntries(KEPT.map((field) => [field, form.elements[field].value]))));
  } catch {
    // no room or not allowed: the form works without
  }
});

// One press, one message; the server would notice a second one too.
form.addEventListener("submit", () => {
  const button = form.querySelector("[type=submit]");
  setTimeout(() => { button.disabled = true; });
  setTimeout(() => { button.disabled = false; }, 15000);
});
addEventListener("pageshow", () => { form.querySelector("[type=submit]").disabled = false; });

const here = form.querySelector("[data-entraide-here]");
if (here && "geolocation" in navigator) {
  const said = here.querySelector("[role=status]");
  here.hidden = false;
  here.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude.toFixed(5);
        form.elements.lon.value = coords.longitude.toFixed(5);
        form.elements.accuracy_m.value = Math.ceil(coords.accuracy);
        said.textContent = said.dataset.entraideHereDone;
      },
      () => { said.textContent = said.dataset.entraideHereFailed; },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  });
}
