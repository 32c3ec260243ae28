// The list does not move under the reader: when something changes it says so and offers the newest.
import { listen } from "entraide/live";

const note = document.querySelector("[data-entraide-news]");
if (note) listen(note.dataset.entraideNews, () => (note.hidden = false));
