// The page of the gateway. The section and the item that it shows are in its address, so that a link leads to them.
(() => {
  "use strict";
  const at = (id) => document.getElementById(id);
  const ticker = at("rows");
  const tabs = [...document.querySelectorAll("nav a[data-category]")];
  const names = new Map(tabs.map((tab) => [tab.dataset.category, tab.textContent]).reverse());
  const made = (tag, text, name) => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const where = () => {
    const [category = "", item = ""] = location.hash.replace(/^#\/?/, "").split("/");
    let uri = "";
    try { uri = decodeURIComponent(item); } catch { /* not one of our links */ }
    return { category: names.has(category) ? category : "latest", uri };
  };
  const link = (category, uri) => `#/${category}${uri ? `/${encodeURIComponent(uri)}` : ""}`;
  const BOARDS = {
    latest: ["companies", "markets", "economy-forex", "commodities"],
    companies: ["companies.press-releases", "companies.analyst-recommendations", "companies.capital-markets-transactions", "companies.events"],
  };
  const OTHERS = ["latest", "companies", "markets"];
  const tickers = () => [...document.querySelectorAll("news-ticker")];
  const has = (list, key, value) => (Array.isArray(list) ? list : []).filter((each) => each && each[key] === value);

  function go() {
    const { category, uri } = where();
    const section = category.split(".")[0];
    at("companies").hidden = section !== "companies";
    for (const tab of tabs) {
      const own = tab.closest(".sub") ? category : section;
      if (tab.dataset.category === own) {
        tab.setAttribute("aria-current", "page");
        const list = tab.closest("ul"); // scrollIntoView would move the page too
        list.scrollLeft += tab.getBoundingClientRect().left - list.getBoundingClientRect().left - (list.clientWidth - tab.offsetWidth) / 2;
      } else tab.removeAttribute("aria-current");
    }
    const name = names.get(category);
    at("heading").textContent = name;
    document.title = `${name} · Newswire Streams`;
    if (ticker.getAttribute("category") !== category) ticker.setAttribute("category", category);
    beside(category);
    at("back").href = link(category, "");
    show(uri);
  }

  // Tickers of other sections, beside the chosen one.
  function beside(category) {
    const wanted = (BOARDS[category] || OTHERS.filter((each) => each !== category).slice(0, 2));
    const there = [...at("board").children];
    if (there.map((each) => each.getAttribute("category")).join() === wanted.join()) return;
    at("board").replaceChildren(...wanted.map((each) => {
      const small = document.createElement("news-ticker");
      const given = { category: each, label: names.get(each), limit: BOARDS[category] ? "8" : "18", density: "dense", ticker: ticker.getAttribute("ticker") || "" };
      for (const name of ["theme", "token"]) if (ticker.hasAttribute(name)) given[name] = ticker.getAttribute(name);
      for (const [name, value] of Object.entries(given)) small.setAttribute(name, value);
      small.setAttribute("bare", "");
      small.toggleAttribute("paused", ticker.hasAttribute("paused"));
      return small;
    }));
  }

  const everywhere = (name, value) => { for (const each of tickers()) each.setAttribute(name, value); };
  const asking = () => {
    const token = ticker.getAttribute("token");
    return token ? { headers: { Authorization: `Bearer ${token}` } } : {};
  };

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
    at("board").hidden = Boolean(uri);
    if (!uri) return closed && comeBack(closed);
    let answer, item, story;
    try {
      const name = encodeURIComponent(uri);
      const both = await Promise.all([fetch(`items/${name}`, asking()), fetch(`stories/${name}`, asking())]);
      answer = both[0];
      item = answer.ok ? await answer.json() : await answer.text();
      story = both[1].ok ? await both[1].json() : { versions: [], copies: [] };
    } catch {
      answer = null;
    }
    if (uri !== asked) return;
    if (!answer) return blank("The gateway does not answer. Try again in a moment.");
    if (answer.status === 410) return blank(sentence(item));
    if (!answer.ok) return blank("This story is no longer among the newest that are kept here.");
    fill(item);
    tell(story);
  }

  // "rule:dividend@rules-1131635a" -> "rule: dividend"; the tooltip has the full text.
  function why(creator) {
    const [kind, what = ""] = creator.replace(/@.*/, "").split(":");
    if (kind === "implied") return `follows from ${names.get(what) || what}`;
    if (kind === "distributor") return "came through a release wire";
    return what ? `${kind}: ${what}` : kind;
  }

  const sentence = (text) => `${text.trim().replace(/^./, (first) => first.toUpperCase())}.`;

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

  const STATUS = { updated: "Update", corrected: "Correction", new: "First version" };
  function change({ part, pieces }) {
    const line = made("p", part === "headline" ? "Headline: " : "", "change");
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
    return Number.isNaN(time.getTime()) ? "" : time.toLocaleString(undefined, style);
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
    at("by").textContent = [item.by, issuer ? `Issued by ${issuer}` : ""].filter(Boolean).join(" · ");
    at("note").textContent = item.edNote || "";
    at("note").hidden = !item.edNote;

    const body = text(item.bodies, "main");
    const summary = text(item.descriptions, "summary");
    const paragraphs = (body || summary).split(/\n{2,}/).filter((each) => each.trim());
    at("text").replaceChildren(...paragraphs.map((each) => made("p", each)));
    if (!item.bodies) at("text").append(made("p", "The text of this source may not be shown here.", "meta"));
    const address = text(item.altIds, "canonical-url");
    at("original").hidden = !/^https?:\/\//i.test(address);
    if (!at("original").hidden) at("link").href = address;

    const companies = (item.organisations || []).filter((each) => each.name || each.symbols);
    at("companies-of").hidden = !companies.length;
    at("organisations").replaceChildren(...companies.map((each) => {
      const symbols = (each.symbols || []).map(({ exchange, symbol }) => (exchange ? `${exchange}:${symbol}` : symbol));
      const chip = made("li", each.name || "");
      if (symbols.length) chip.append(made("b", symbols.join(" ")));
      return chip;
    }));
    const categories = has(item.subjects, "rel", "category");
    at("filed").hidden = !categories.length;
    at("sections-of").replaceChildren(...categories.map((each) => {
      const entry = made("li", "");
      const name = made("a", names.get(each.literal) || each.name || each.literal);
      name.href = link(each.literal, "");
      entry.append(name);
      return entry;
    }));
    at("why").hidden = !categories.length;
    at("categories").replaceChildren(...categories.map((each) => {
      const name = made("a", names.get(each.literal) || each.name || each.literal);
      name.href = link(each.literal, "");
      const first = document.createElement("td");
      first.append(name);
      const row = line([first, why(each.creator || "")], `${each.confidence ?? ""} %`);
      row.children[1].title = each.creator || "";
      return row;
    }));
    at("urn").textContent = item.uri;
    at("blank").hidden = true;
    at("shown").hidden = false;
    at("item").scrollTop = 0;
    at("item").focus({ preventScroll: window.innerWidth > 700 });
    if (window.innerWidth <= 700) window.scrollTo(0, 0);
  }

  document.addEventListener("news-select", (event) => {
    event.preventDefault();
    location.hash = link(where().category, event.detail.uri);
  });
  document.addEventListener("news-change", (event) => {
    // The open item was revised or withdrawn: show its new state.
    if (event.detail.uri === asked) { asked = ""; show(event.detail.uri); }
  });
  // The corner shows the state of the stream, and every 10 s the status of the gateway.
  let stream = { state: "connecting" };
  let gateway = null;
  function corner() {
    const words = { live: "Live", connecting: "Connecting", away: "Not connected" };
    const broken = stream.broken || (gateway && !gateway.ready && gateway.why);
    at("status").dataset.state = broken ? "away" : stream.state;
    at("state").textContent = broken || (stream.paused ? "Paused" : words[stream.state]);
    at("newest").textContent = gateway?.newestSeconds != null ? `${later(gateway.newestSeconds)} ago` : stream.newest || "–";
    at("behind").textContent = gateway?.lag ?? "–";
    at("rate").textContent = stream.state === "live" ? stream.perMinute : "–";
  }
  async function look() {
    try {
      gateway = await (await fetch("status", { cache: "no-store" })).json();
    } catch {
      gateway = null;
    }
    corner();
  }
  setInterval(() => { if (!document.hidden) look(); }, 10_000);
  look();
  ticker.addEventListener("news-status", ({ detail }) => {
    at("ask").hidden = !/token/.test(detail.refused);
    stream = detail;
    for (const each of at("board").children) each.toggleAttribute("paused", detail.paused);
    corner();
  });
  at("ticker").addEventListener("input", () => {
    clearTimeout(at("ticker").timer);
    at("ticker").timer = setTimeout(() => {
      everywhere("ticker", at("ticker").value.trim());
      if (ticker.offsetParent === null) location.hash = link(where().category, ""); // the item hides the list
    }, 300);
  });
  document.querySelector(".find").addEventListener("submit", (event) => event.preventDefault());
  at("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem("token", at("token").value);
    everywhere("token", at("token").value);
  });
  if (sessionStorage.getItem("token")) ticker.setAttribute("token", sessionStorage.getItem("token"));

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

  at("zone").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "your zone";
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); at("list").focus(); });
  window.addEventListener("hashchange", go);
  window.addEventListener("keydown", (event) => { if (event.key === "Escape" && asked) location.hash = link(where().category, ""); });
  customElements.whenDefined("news-ticker").then(go);
})();
