// The message has arrived: nothing of it stays in this browser.
try {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("entraide-tell-")) sessionStorage.removeItem(key);
} catch {
  // storage is not allowed: then nothing was stored either
}
