// The keys' page. A key's text exists only in the page while it is shown, nowhere else.

const byId = (id) => document.getElementById(id);

async function call(method, path, body) {
  const options = { method, cache: "no-store" };
  if (body) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  const content = await answer.json();
  if (!answer.ok) {
    throw new Error(typeof content.detail === "string" ? content.detail : "The server refused.");
  }
  return content;
}

function say(text) {
  byId("message").textContent = text;
}

async function attempt(action) {
  say("");
  try {
    await action();
  } catch (error) {
    say(error instanceof TypeError ? "The server does not answer." : error.message);
  }
}

function moment(seconds) {
  if (seconds === null) return "never";
  const format = { dateStyle: "medium", timeStyle: "short" };
  return new Date(seconds * 1000).toLocaleString(undefined, format);
}

function cell(row, content) {
  const cell = row.insertCell();
  cell.append(content);
  return cell;
}

function addRow(body, key) {
  const row = body.insertRow();
  cell(row, key.name).className = "name";
  const start = document.createElement("code");
  start.textContent = key.id;
  cell(row, start);
  cell(row, moment(key.created_at));
  cell(row, moment(key.last_used_at));
  const revoke = document.createElement("button");
  revoke.textContent = "Revoke";
  revoke.setAttribute("aria-label", `Revoke ${key.name}`);
  revoke.addEventListener("click", () => askToRevoke(key));
  cell(row, revoke);
}

async function showKeys() {
  const { keys } = await call("GET", "/keys");
  const body = byId("keys").tBodies[0];
  body.replaceChildren();
  for (const key of keys) addRow(body, key);
  byId("keys").hidden = keys.length === 0;
  byId("no-keys").hidden = keys.length > 0;
}

async function createKey() {
  const { key } = await call("POST", "/keys", { name: byId("name").value });
  byId("created-key").textContent = key;
  byId("created").hidden = false;
  byId("created-title").focus();
  byId("name").value = "";
  await showKeys();
}

function forgetCreated() {
  byId("created-key").textContent = "";
  byId("created").hidden = true;
  say("");
  byId("name").focus();
}

async function copyCreated() {
  try {
    await navigator.clipboard.writeText(byId("created-key").textContent);
    say("Copied.");
  } catch {
    getSelection().selectAllChildren(byId("created-key"));
    say("Press Ctrl+C to copy the selected key.");
  }
}

function askToRevoke(key) {
  const dialog = byId("revoke-dialog");
  byId("revoke-name").textContent = `“${key.name}”`;
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue === "revoke") attempt(() => revokeKey(key));
  };
  dialog.showModal();
}

async function revokeKey(key) {
  await call("DELETE", `/keys/${key.id}`);
  await showKeys();
  say(`“${key.name}” is revoked.`);
}

byId("address").textContent = location.origin;
byId("create-form").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(createKey);
});
byId("copy").addEventListener("click", copyCreated);
byId("dismiss").addEventListener("click", forgetCreated);
attempt(showKeys);
