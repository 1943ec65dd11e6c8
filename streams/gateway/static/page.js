// Makes a page of the gateway live. The server renders it; the item that stands beside the list is in its address (`#urn:…`).
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const at = (id) => document.getElementById(id);
  const ticker = at("rows") || document.querySelector("news-ticker");
  const labels = JSON.parse(at("labels").textContent);
  const language = document.documentElement.lang;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const say = (key, values = {}) => (labels[key] || key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const nameOf = (category) => labels[`section.${category}`] || "";
  const pathOf = (category) => (category === "latest" ? "/" : `/${category.replace(".", "/")}`);
  const made = (tag, text, name) => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  // An address of an earlier release: `/#/companies.ipos/urn:…`.
  const old = /^#\/([\w.-]+)(?:\/(.+))?$/.exec(location.hash);
  if (old && nameOf(old[1])) location.replace(`${pathOf(old[1])}${old[2] ? `#${old[2]}` : ""}`);
  const where = () => {
    try { return decodeURIComponent(location.hash.slice(1)).startsWith("urn:") ? decodeURIComponent(location.hash.slice(1)) : ""; } catch { return ""; }
  };
  const closeItem = () => { history.pushState(null, "", location.pathname + location.search); show(""); };
  const tickers = () => [...document.querySelectorAll("news-ticker")];
  const has = (list, key, value) => (Array.isArray(list) ? list : []).filter((each) => each && each[key] === value);

  const everywhere = (name, value) => { for (const each of tickers()) each.setAttribute(name, value); };
  const asking = () => ({ cache: "no-cache" }); // a cached answer may be older than the change that made the page ask

  // The place in the list that the reader left for an item, and comes back to.
  let left = null;
  function comeBack(uri) {
    const { scroll } = left || { scroll: 0 };
    left = null;
    window.scrollTo(0, scroll);
    if (!ticker.focusRow(uri)) at("list").focus({ preventScroll: true });
  }

  let asked = "";
  async function show(uri) {
    if (uri === asked) return;
    const closed = uri ? "" : asked;
    if (uri && !asked) left ||= { scroll: window.scrollY };
    asked = uri;
    ticker.setAttribute("selected", uri);
    document.body.classList.toggle("reading", Boolean(uri));
    at("item").hidden = !uri;
    if (at("board")) at("board").hidden = Boolean(uri);
    if (!uri) return closed && comeBack(closed);
    let answer, item, story;
    try {
      const name = encodeURIComponent(uri);
      const both = await Promise.all([fetch(`/items/${name}`, asking()), fetch(`/stories/${name}`, asking())]);
      answer = both[0];
      item = answer.ok ? await answer.json() : await answer.text();
      story = both[1].ok ? await both[1].json() : { versions: [], copies: [] };
    } catch {
      answer = null;
    }
    if (uri !== asked) return;
    if (!answer) return blank(say("no_answer"));
    if (answer.status === 410) return blank(say(/source/.test(item) ? "gone_source" : /desk/.test(item) ? "gone_desk" : "gone"));
    if (!answer.ok) return blank(say("kept"));
    fill(item);
    tell(story);
  }

  // "rule:dividend@rules-1131635a" -> "rule: dividend"; the tooltip has the full text.
  function why(creator) {
    const [kind, what = ""] = creator.replace(/@.*/, "").split(":");
    if (kind === "implied") return `follows from ${nameOf(what) || what}`;
    if (kind === "distributor") return "came through a release wire";
    return what ? `${kind}: ${what}` : kind;
  }

  function blank(text) {
    at("blank").textContent = text;
    at("blank").hidden = false;
    at("shown").hidden = true;
  }

  function line(cells, last) {
    const row = document.createElement("tr");
    row.append(...cells.map((cell) => (cell instanceof Node ? cell : made("td", cell))), made("td", last, "n"));
    return row;
  }

  const later = (seconds) =>
    Math.abs(seconds) < 120 ? `${seconds} s` : Math.abs(seconds) < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;

  const STATUS = { updated: say("version_update"), corrected: say("version_correction"), edited: say("version_edited"), new: say("version_first") };
  function change({ part, pieces }) {
    const line = made("p", part === "headline" ? `${say("headline")}: ` : "", "change");
    line.dir = "auto";
    for (const { kind, text } of pieces) line.append(made({ removed: "del", added: "ins", same: "span" }[kind], text), " ");
    return line;
  }

  function tell({ versions, copies }) {
    at("history").hidden = versions.length < 2;
    at("versions").replaceChildren(...[...versions].reverse().map(({ version, headline, time, status, changes }) => {
      const entry = made("li", "");
      const head = made("p", "", "meta");
      const first = version === "1";
      const name = made("b", first ? STATUS.new : STATUS[status] || `Version ${version}`);
      const moment = made("time", clock(time, { dateStyle: "medium", timeStyle: "medium" }));
      moment.dateTime = time;
      head.append(name, " · ", moment);
      const title = made("p", headline);
      title.dir = "auto";
      entry.append(head, ...(changes?.length ? changes.map(change) : [title]));
      return entry;
    }));
    at("elsewhere").hidden = !copies.length;
    at("copies").replaceChildren(...copies.map(({ source, headline, url, secondsLater }) => {
      const cell = made("td", "");
      const inner = made(/^https?:\/\//i.test(url) ? "a" : "span", headline);
      if (inner.localName === "a") Object.assign(inner, { href: url, rel: "noopener noreferrer", target: "_blank" });
      cell.dir = "auto";
      cell.append(inner);
      return line([source, cell], later(secondsLater));
    }));
  }

  function clock(text, style) {
    const time = new Date(text);
    return Number.isNaN(time.getTime()) ? "" : time.toLocaleString(language === "en" ? undefined : language, style);
  }

  function fill(item) {
    const text = (list, role) => has(list, "role", role)[0]?.value || "";
    const parts = [
      clock(item.versionCreated, { dateStyle: "long", timeStyle: "short" }),
      has(item.infoSources, "role", "distributor")[0]?.name || "",
      item.located || "",
      item.language || "",
    ];
    at("meta").textContent = parts.filter(Boolean).join(" · ");
    at("headline").textContent = text(item.headlines, "main") || text(item.headlines, "ticker");
    const issuer = has(item.infoSources, "role", "issuer")[0]?.name;
    at("by").textContent = [item.by, issuer ? say("issued_by", { name: issuer }) : ""].filter(Boolean).join(" · ");
    at("note").textContent = item.edNote || "";
    at("note").hidden = !item.edNote;

    const body = text(item.bodies, "main");
    const summary = text(item.descriptions, "summary");
    const paragraphs = (body || summary).split(/\n{2,}/).filter((each) => each.trim());
    at("text").replaceChildren(...paragraphs.map((each) => made("p", each)));
    if (!item.bodies) at("text").append(made("p", say("restricted"), "meta"));
    const address = text(item.altIds, "canonical-url");
    at("original").hidden = !/^https?:\/\//i.test(address);
    if (!at("original").hidden) at("link").href = address;

    const all = (item.organisations || []).filter((each) => each.name || each.symbols);
    const companies = all.filter((each) => each.uri || !all.some((other) => other.uri && other.name === each.name));
    at("companies-of").hidden = !companies.length;
    at("organisations").replaceChildren(...companies.map((each) => {
      const symbols = has(each.symbols, "symbolType", "urn:newswire:symbol:ticker").map(({ exchange, symbol }) => (exchange ? `${exchange}:${symbol}` : symbol));
      const company = /^urn:newswire:company:(.+)/.exec(each.uri || "")?.[1];
      const chip = made("li", company ? "" : each.name || "");
      if (company) chip.append(Object.assign(made("a", each.name || company), { href: `/company/${encodeURIComponent(company)}` }));
      if (symbols.length) chip.append(made("b", symbols.join(" ")));
      return chip;
    }));
    const categories = has(item.subjects, "rel", "category");
    at("filed").hidden = !categories.length;
    at("sections-of").replaceChildren(...categories.map((each) => {
      const entry = made("li", "");
      const name = made("a", nameOf(each.literal) || each.name || each.literal);
      name.href = pathOf(each.literal);
      entry.append(name);
      return entry;
    }));
    at("why").hidden = !categories.length;
    at("categories").replaceChildren(...categories.map((each) => {
      const name = made("a", nameOf(each.literal) || each.name || each.literal);
      name.href = pathOf(each.literal);
      const first = document.createElement("td");
      first.append(name);
      const row = line([first, why(each.creator || "")], `${each.confidence ?? ""} %`);
      row.children[1].title = each.creator || "";
      return row;
    }));
    at("page").href = ticker.pageOf(item.uri) || "/";
    at("page").hidden = !ticker.pageOf(item.uri);
    at("urn").textContent = item.uri;
    at("blank").hidden = true;
    at("shown").hidden = false;
    at("item").scrollTop = 0;
    at("item").focus({ preventScroll: window.innerWidth > 700 });
    if (window.innerWidth <= 700) window.scrollTo(0, 0);
  }

  document.addEventListener("news-select", (event) => {
    if (!at("item")) return; // the page of a story: the link leads to the other story
    event.preventDefault();
    location.hash = encodeURIComponent(event.detail.uri);
  });
  document.addEventListener("news-change", (event) => {
    // The open item was revised or withdrawn: show its new state.
    if (event.detail.uri === asked) { asked = ""; show(event.detail.uri); }
    if (event.detail.uri === story()?.dataset.uri) refresh();
  });
  // The page of a story shows its newest version, or that it was withdrawn.
  const story = () => document.querySelector(".story[data-uri]");
  async function refresh() {
    try {
      const answer = await fetch(location.pathname, asking());
      if (answer.status >= 500) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      at("list").replaceWith(fresh.getElementById("list"));
      document.title = fresh.title;
    } catch { /* the next change tries again */ }
  }
  // The corner shows the state of the stream, and every 10 s the status of the gateway.
  let stream = { state: "connecting" };
  let gateway = null;
  function corner() {
    const words = { live: say("live"), connecting: say("connecting"), away: say("not_connected") };
    const broken = stream.broken || (gateway && !gateway.ready && gateway.why);
    at("status").hidden = !ticker;
    at("status").dataset.state = broken ? "away" : stream.state;
    at("state").textContent = broken ? say("no_news") : stream.paused ? say("paused") : words[stream.state];
    at("state").title = broken || "";
    at("newest").textContent = gateway?.newestSeconds != null ? later(gateway.newestSeconds) : stream.newest || "–";
    at("behind").textContent = gateway?.lag ?? "–";
    at("rate").textContent = stream.state === "live" ? stream.perMinute : "–";
  }
  async function look() {
    try {
      gateway = await (await fetch("/status", { cache: "no-store" })).json();
    } catch {
      gateway = null;
    }
    corner();
  }
  setInterval(() => { if (!document.hidden) look(); }, 10_000);
  look();
  ticker?.addEventListener("news-status", ({ detail }) => {
    at("ask").hidden = !/token/.test(detail.refused);
    stream = detail;
    for (const each of at("board")?.children || []) each.toggleAttribute("paused", detail.paused);
    corner();
  });
  // What is looked for goes to the list as it is typed, and into the address.
  const field = at("q");
  let found = [];
  function look4(text) {
    const address = new URL(location);
    for (const name of [...address.searchParams.keys()]) if (!address.searchParams.get(name)) address.searchParams.delete(name);
    if (text) address.searchParams.set("q", text);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address.pathname + address.search + address.hash);
    for (const each of at("rows") ? [at("rows")] : []) each.setAttribute("q", text);
  }
  async function suggest(text) {
    if (text.length < 2) return;
    try {
      const answer = await fetch(`/suggest?q=${encodeURIComponent(text)}`, asking());
      found = answer.ok ? await answer.json() : [];
    } catch {
      found = [];
    }
    at("hints").replaceChildren(...found.map(({ name, symbols }) => Object.assign(document.createElement("option"), { value: name, label: symbols.join(" ") })));
  }
  const company = (text) => found.find(({ name, symbols }) => name === text || symbols.includes(text.toUpperCase()));
  field.addEventListener("input", (event) => {
    clearTimeout(field.timer);
    const text = field.value.trim();
    if (!("inputType" in event) || event.inputType === "insertReplacementText") { // a suggestion was chosen
      const chosen = found.find(({ name }) => name === text);
      if (chosen) return void location.assign(chosen.page);
    }
    field.timer = setTimeout(() => {
      if (at("rows")) look4(text);
      suggest(text);
      if (ticker?.offsetParent === null && asked) closeItem(); // the item hides the list
    }, 300);
  });
  document.querySelector(".find").addEventListener("submit", (event) => {
    const { day, tz } = event.target.elements;
    if (day.value && zone) tz.value = zone; // a day of the zone in which the reader sees the rows
    tz.disabled = !day.value;
    const chosen = company(field.value.trim());
    if (!chosen) return;
    event.preventDefault();
    location.assign(chosen.page);
  });
  at("ask").addEventListener("submit", ({ target }) => { target.elements.page.value = location.pathname === "/token" ? target.elements.page.value : location.pathname + location.search; });

  const system = matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    const dark = localStorage.getItem("theme") ? localStorage.getItem("theme") === "dark" : system.matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    at("theme").setAttribute("aria-pressed", String(dark));
    everywhere("theme", dark ? "dark" : "light");
  }
  at("theme").addEventListener("click", () => {
    localStorage.setItem("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    paint();
  });
  system.addEventListener("change", paint);
  paint();

  // What operators look at, readers see only when they ask for it.
  function operate() {
    const shown = localStorage.getItem("operator") === "yes";
    document.body.classList.toggle("operator", shown);
    at("operator").setAttribute("aria-pressed", String(shown));
  }
  at("operator").addEventListener("click", () => {
    localStorage.setItem("operator", document.body.classList.contains("operator") ? "no" : "yes");
    operate();
  });
  operate();

  if (at("rows") && zone) at("times").textContent = say("times", { zone });
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); at("list").focus(); });
  const current = document.querySelector("nav a[aria-current]");
  if (current) { // in a narrow row of tabs the open one is in sight
    const list = current.closest("ul");
    list.scrollLeft += current.getBoundingClientRect().left - list.getBoundingClientRect().left - (list.clientWidth - current.offsetWidth) / 2;
  }
  if (at("item") && at("rows")) {
    at("back").addEventListener("click", (event) => { event.preventDefault(); closeItem(); });
    for (const name of ["hashchange", "popstate"]) window.addEventListener(name, () => show(where()));
    window.addEventListener("keydown", (event) => { if (event.key === "Escape" && asked) closeItem(); });
    customElements.whenDefined("news-ticker").then(() => show(where()));
  }
})();
