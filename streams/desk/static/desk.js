// The page of the desk. It has no data without a token; the token stays in this tab and goes out in a header only.
"use strict";

const LISTS = {
  "duplicates": "Duplicates",
  "revisions": "Revisions",
  "look-alikes": "Look-alikes",
  "unclassified": "Unclassified",
  "waiting": "Held and withheld",
  "dead-letters": "Dead letters",
};
const EVERY = 3000; // milliseconds between two looks at a list
const get = (id) => document.getElementById(id);
const state = { token: sessionStorage.getItem("desk-token") || "", list: "duplicates", rows: [], row: null, plan: "", asked: null, me: null };

async function call(path, body) {
  const options = { headers: { Authorization: `Bearer ${state.token}` } };
  if (body) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  if (!answer.ok) throw Object.assign(new Error((await answer.text()).trim()), { status: answer.status });
  return answer;
}

const may = (role) => state.me.roles.includes(role);

async function enter() {
  try {
    state.me = await (await call("/desk/me")).json();
  } catch (error) {
    leave(error.status === 401 && state.token ? error.message : "");
    return;
  }
  sessionStorage.setItem("desk-token", state.token);
  get("who").textContent = `${state.me.name}: ${state.me.roles.join(", ")}`;
  get("categories").replaceChildren(...Object.keys(state.me.categories).map((name) => new Option(name, name)));
  get("enter").hidden = true;
  get("desk").hidden = get("leave").hidden = false;
  get("tabs").replaceChildren(...Object.entries(LISTS).map(([name, title]) => {
    const tab = button(title, () => show(name));
    tab.dataset.list = name;
    return tab;
  }));
  show(state.list);
}

function leave(why) {
  sessionStorage.removeItem("desk-token");
  state.token = "";
  state.me = state.row = null;
  get("rows").replaceChildren();
  get("shown").hidden = get("desk").hidden = get("leave").hidden = true;
  get("enter").hidden = false;
  get("who").textContent = "";
  get("refused").textContent = why || "";
  get("token").value = "";
  get("token").focus();
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function show(name) {
  state.list = name;
  for (const tab of get("tabs").children) tab.setAttribute("aria-pressed", String(tab.dataset.list === name));
  state.rows = [];
  get("rows").replaceChildren();
  look();
}

async function look() {
  if (!state.me) return;
  const name = state.list;
  let rows;
  try {
    rows = await (await call(`/desk/lists/${name}`)).json();
  } catch (error) {
    if (error.status === 401) leave(error.message);
    return;
  }
  if (name !== state.list || JSON.stringify(rows) === JSON.stringify(state.rows)) return;
  const focused = document.activeElement?.dataset?.uri;
  state.rows = rows;
  get("empty").hidden = rows.length > 0;
  get("rows").replaceChildren(...rows.map((row) => {
    const line = document.createElement("li");
    const open = button(row.headline || row.uri, () => openRow(row));
    open.dataset.uri = row.uri;
    const about = document.createElement("small");
    about.textContent = describe(row);
    open.append(about);
    line.append(open);
    return line;
  }));
  if (focused) [...get("rows").querySelectorAll("button")].find((one) => one.dataset.uri === focused)?.focus();
  mark();
}

function describe(row) {
  const parts = [row.source, row.language, row.code, row.kind];
  if (row.similarity) parts.push(`${Math.round(row.similarity * 100)} %`);
  if (row.of) parts.push(`of: ${row.of_headline || row.of}`);
  if ("until" in row) parts.push(row.until ? `until ${row.until}` : "on hold");
  if (row.words?.length) parts.push(`words: ${row.words.map((side) => side.join(" ") || "none").join(" / ")}`);
  return parts.filter(Boolean).join(" · ");
}

function mark() {
  for (const one of get("rows").querySelectorAll("button")) {
    one.toggleAttribute("aria-current", state.row?.uri === one.dataset.uri);
  }
}

async function openRow(row) {
  state.row = row;
  mark();
  closePlan();
  get("done").textContent = "";
  get("fields").hidden = true;
  get("hint").hidden = true;
  get("shown").hidden = false;
  get("headline").textContent = row.headline || row.uri;
  get("uri").textContent = row.uri;
  get("words").textContent = row.words?.length ? row.words.map((side) => side.join(" ") || "none").join(" / ") : "not known";
  get("text").textContent = get("lines").textContent = "…";
  showActions(row);
  get("item").focus();
  try {
    const found = await (await call(`/desk/item?uri=${encodeURIComponent(row.place || row.uri)}`)).json();
    if (state.row !== row) return;
    get("lines").textContent = found.lines.join("\n");
    const body = found.event?.bodies?.find((one) => one.role === "main");
    get("text").textContent = body ? body.value : "no text";
  } catch (error) {
    if (state.row === row) get("lines").textContent = error.message;
  }
}

// What may be done with a row of each list: action, name, role, what is asked for, and the request for the plan.
const FIELDS = {
  refile: ["Category to add (or -category to drop it), several with blanks", (row, text) => {
    const words = text.split(/[\s,]+/).filter(Boolean);
    return { add: words.filter((one) => !one.startsWith("-")), drop: words.filter((one) => one.startsWith("-")).map((one) => one.slice(1)) };
  }],
  retitle: ["New headline", (row, text) => ({ text })],
  note: ["Note to editors", (row, text) => ({ text })],
  company: ["Company to add, such as XNAS:FCEL (or -company to drop it)", (row, text) => (text.startsWith("-") ? { drop: [text.slice(1)] } : { add: [text] })],
  join: ["URI of the story that goes on", (row, text) => ({ into: text })],
  undo: ["Id of the command to take back", (row, text) => ({ uri: text })],
};
const OF_STORY = ["refile", "retitle", "note", "company", "join", "undo", "kill"];
const ACTIONS = { "duplicates": ["split"], "revisions": ["split"], "look-alikes": ["join", ...OF_STORY.filter((one) => one !== "join")], "unclassified": OF_STORY, "waiting": ["release", "kill", "undo"], "dead-letters": [] };
const NEEDS = { kill: "withdraw", release: "withdraw" };

function showActions(row) {
  const names = ACTIONS[state.list].filter((name) => may(NEEDS[name] || "file"));
  get("actions").replaceChildren(...names.map((name) => button(name[0].toUpperCase() + name.slice(1), () => choose(row, name))));
}

function choose(row, name) {
  closePlan();
  get("done").textContent = "";
  if (!FIELDS[name]) {
    ask({ action: name, uri: row.uri });
    return;
  }
  state.asked = { row, name };
  get("field-label").textContent = FIELDS[name][0];
  get("field").value = name === "join" ? row.of || "" : "";
  get("fields").hidden = false;
  get("field").focus();
}

async function ask(wanted) {
  try {
    const made = await (await call("/desk/plan", wanted)).json();
    state.plan = made.plan;
    get("line").textContent = made.line;
    get("confirm").hidden = !made.acts;
    get("plan").hidden = false;
    (made.acts ? get("why") : get("item")).focus();
  } catch (error) {
    tell(error.message, true);
  }
}

function closePlan() {
  state.plan = "";
  get("plan").hidden = true;
  get("why").value = "";
}

function tell(text, failed) {
  get("done").textContent = text;
  get("done").classList.toggle("failed", failed);
}

async function act() {
  const plan = state.plan;
  const why = get("why").value;
  closePlan();
  try {
    const given = await (await call("/desk/act", { plan, why })).json();
    tell(`Command ${given.command} is in the log. Undo takes it back by this id.`, false);
    get("fields").hidden = true;
    get("item").focus();
    look();
  } catch (error) {
    tell(error.message, true);
  }
}

get("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  state.token = get("token").value.trim();
  enter();
});
get("leave").addEventListener("click", () => leave(""));
get("plan").addEventListener("submit", (event) => {
  event.preventDefault();
  act();
});
get("cancel").addEventListener("click", () => {
  closePlan();
  get("item").focus();
});
get("fields").addEventListener("submit", (event) => {
  event.preventDefault();
  const { row, name } = state.asked;
  ask({ action: name, uri: row.uri, ...FIELDS[name][1](row, get("field").value.trim()) });
});
get("export").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
  try {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await (await call(`/desk/actions?${given}`)).blob());
    link.download = "desk-actions.jsonl";
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    tell(error.message, true);
    get("shown").hidden = false;
  }
});
get("rows").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...get("rows").querySelectorAll("button")];
  all[all.indexOf(document.activeElement) + step]?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !get("plan").hidden) get("cancel").click();
});
setInterval(look, EVERY);
if (state.token) enter();
