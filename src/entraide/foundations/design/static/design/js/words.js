// The few words that scripts say, in the reader's language: attributes of the element with id "words".
const element = document.getElementById("words");

export function word(name) {
  return element?.dataset[name] ?? "";
}

// Says a sentence to those who listen to the page instead of seeing it.
export function say(sentence) {
  const spoken = document.getElementById("spoken");
  if (spoken) spoken.textContent = sentence;
}
