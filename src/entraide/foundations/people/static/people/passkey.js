// Passkeys (WebAuthn) for forms marked data-entraide-passkey="create" or "get".
//
// What the server asks for stands in #passkey-options, or comes from data-entraide-passkey-from.
// The answer goes into the form's hidden field "credential" and the form is sent as any other.

const BUFFERS = new Set(["challenge", "id"]);

function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function toBase64url(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The server's JSON with challenge, user.id and the ids of credentials as the bytes a browser wants.
function asOptions(value, key = "") {
  if (Array.isArray(value)) return value.map((one) => asOptions(one));
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, name === "rp" ? inner : asOptions(inner, name)]),
    );
  }
  return BUFFERS.has(key) && typeof value === "string" ? fromBase64url(value) : value;
}

function asJson(credential) {
  const response = { clientDataJSON: toBase64url(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toBase64url(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: toBase64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function asked(form) {
  const from = form.dataset.entraidePasskeyFrom;
  if (!from) return JSON.parse(document.getElementById("passkey-options").textContent);
  const response = await fetch(from, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

async function create(form) {
  const options = asOptions((await asked(form)).creation_options);
  const passwordless = form.elements.namedItem("passwordless");
  if (passwordless) {
    const selection = (options.publicKey.authenticatorSelection ??= {});
    selection.residentKey = passwordless.checked ? "required" : "discouraged";
    selection.requireResidentKey = passwordless.checked;
    if (passwordless.checked) selection.userVerification = "required";
  }
  return navigator.credentials.create(options);
}

async function get(form) {
  return navigator.credentials.get(asOptions((await asked(form)).request_options));
}

function start(form) {
  const button = form.querySelector("[data-entraide-passkey-button]");
  if (!window.PublicKeyCredential) {
    form.querySelector("[data-entraide-passkey-unknown]").hidden = false;
    return;
  }
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const error = form.querySelector("[data-entraide-passkey-error]");
    error.hidden = true;
    button.disabled = true;
    try {
      const credential = await (form.dataset.entraidePasskey === "create" ? create(form) : get(form));
      form.elements.namedItem("credential").value = JSON.stringify(asJson(credential));
      form.submit();
    } catch {
      // The browser has told her why (or she said no herself); the page only offers to try again.
      error.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}

for (const form of document.querySelectorAll("form[data-entraide-passkey]")) start(form);
