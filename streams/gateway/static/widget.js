// <news-ticker category="companies" limit="10">: the newest rows, live. No dependencies; works under a strict CSP.
// <script src="https://the.gateway/widget.js" defer></script> on a page is all that it needs.
// Attributes: category, tabs="latest,companies,markets=Markets", limit, ticker, language, source, search (shows a
// field for the ticker), announce (shows a switch that makes screen readers speak the headlines), tz, label, theme="light|dark", density="dense|roomy", gateway, token, selected,
// paused (holds the list), bare (no button and no state of its own: the page has them). Method: focusRow(uri).
// Events: news-select (a row was chosen; preventDefault keeps the page), news-change (a row was revised or has gone),
// news-status. Styled by --news-ticker-background, -border, -ink, -soft, -line, -accent, -tint, font and ::part(…):
// bar, label, state, button, tabs, tab, search, list, day, row, time, headline, badge, source, empty.
(() => {
  "use strict";
  if (customElements.get("news-ticker")) return;
  const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const HOME = new URL(".", script ? script.src : location.href).href;
  const SPARE = 10; // rows kept beyond the limit, to move up when a row goes
  const LONGEST_WAIT = 30000;
  const SILENT = 40000; // ms without data; the gateway sends a heartbeat every 15 s
  const HIDDEN = 60000; // ms; a hidden page closes its connection after this time
  const NEW_MS = 4000;
  const MOST_NEW = 5; // rows that may fade in at a time
  const REST = 250; // ms between two drawings while much happens
  const NAMES = { ipos: "IPOs", "economy-forex": "Economy & Forex", "finance-pro": "Finance Pro." };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { color-scheme: light dark; --b: var(--news-ticker-background, light-dark(#fff, #161e26)); --i: var(--news-ticker-ink, light-dark(#16202b, #e4eaf0));
      --s: var(--news-ticker-soft, light-dark(#52606d, #9fadba)); --l: var(--news-ticker-line, light-dark(#dde3e9, #2a3540)); --a: var(--news-ticker-accent, light-dark(#0b5fad, #74b5f2));
      --t: var(--news-ticker-tint, light-dark(#e8f1fa, #1b2c3d)); --w: light-dark(#7a5000, #e8b75a); --g: light-dark(#1a7f4b, #55c98b); --y: 7px; --x: 16px;
      display: block; contain: content; background: var(--b); color: var(--i); border: var(--news-ticker-border, 1px solid var(--l)); border-radius: 8px;
      font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; container-type: inline-size; }
    :host([hidden]), [hidden] { display: none !important; }
    :host([theme=light]) { color-scheme: light; }
    :host([theme=dark]) { color-scheme: dark; }
    :host([density=dense]) { --y: 3px; --x: 12px; font-size: 13.5px; }
    :host([density=roomy]) { --y: 12px; --x: 20px; font-size: 16px; }
    .bar { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; min-height: 40px; padding: 5px var(--x); box-sizing: border-box; color: var(--s); font-size: 13px; }
    .label { color: var(--i); font-size: 15px; font-weight: 700; }
    .state { margin-inline-end: auto; white-space: nowrap; }
    .state::before { content: ""; display: inline-block; width: 7px; height: 7px; margin-inline-end: 6px; border-radius: 50%; background: var(--w); }
    .state[data-state=live]::before { background: var(--g); }
    button, input { font: inherit; color: var(--a); background: none; border: 1px solid var(--l); border-radius: 6px; padding: 2px 10px; min-height: 32px; }
    @media (pointer: coarse) { button, input { min-height: 44px; } }
    button { cursor: pointer; }
    input { width: 8em; color: var(--i); box-sizing: border-box; }
    button:hover, a:hover { background: var(--t); }
    button[aria-pressed=true] { background: var(--t); font-weight: 600; }
    .pause { min-width: 74px; }
    .tabs { display: flex; overflow-x: auto; padding: 0 calc(var(--x) - 10px); border-top: 1px solid var(--l); scrollbar-width: thin; }
    .tabs button { flex: none; border: 0; border-bottom: 3px solid transparent; border-radius: 0; padding: 7px 10px 5px; color: var(--s); font-weight: 600; font-size: 14px; }
    .tabs [aria-selected=true] { color: var(--a); border-color: currentColor; }
    :focus-visible { outline: 2px solid var(--a); outline-offset: -2px; border-radius: 4px; }
    ol { list-style: none; margin: 0; padding: 0; }
    .day { padding: 5px var(--x); border-top: 1px solid var(--l); color: var(--s); font-size: 12px; font-weight: 600; letter-spacing: .03em; }
    li { position: relative; }
    a { display: grid; grid-template-columns: 4.3em minmax(0, 1fr) auto; gap: 0 10px; align-items: baseline; padding: var(--y) var(--x); border-top: 1px solid var(--l); color: inherit; text-decoration: none; }
    a[aria-current] { background: var(--t); border-inline-start: 3px solid var(--a); padding-inline-start: calc(var(--x) - 3px); }
    a:hover .headline { text-decoration: underline; text-underline-offset: 2px; }
    time { color: var(--s); font: .87em ui-monospace, SFMono-Regular, Consolas, "DejaVu Sans Mono", monospace; white-space: nowrap; }
    .headline { overflow-wrap: anywhere; unicode-bidi: isolate; }
    .updated { color: var(--s) !important; }
    .badge { display: inline-block; margin-inline-start: 8px; padding: 0 6px; border: 1px solid currentColor; border-radius: 4px; color: var(--w); font-size: 11px; line-height: 1.4; white-space: nowrap; }
    .source { color: var(--s); font-size: 12px; font-weight: 700; letter-spacing: .04em; }
    .new::before { content: ""; position: absolute; inset: 1px 0 0; background: var(--t); opacity: 0; pointer-events: none; animation: new ${NEW_MS}ms ease-out; }
    .new a { position: relative; }
    @keyframes new { from { opacity: 1; } }
    @media (prefers-reduced-motion: reduce) { .new::before { content: none; } }
    @media (forced-colors: active) { .tabs button { border-color: Canvas; } .tabs [aria-selected=true] { border-color: Highlight; } .state::before { border: 1px solid; } .new::before { content: none; } a[aria-current] { outline: 2px solid Highlight; outline-offset: -2px; } }
    @media print { .bar button, .bar input, .state { display: none; } a { break-inside: avoid; } }
    .empty { margin: 0; padding: 36px var(--x); border-top: 1px solid var(--l); color: var(--s); text-align: center; }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @container (max-width: 420px) { a { grid-template-columns: 4em minmax(0, 1fr) auto; gap: 0 8px; padding-inline: 12px; } .bar, .day { padding-inline: 12px; } }
  `);

  const made = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = element.part = name;
    if (text) element.textContent = text;
    return element;
  };
  const web = (address) => (/^https?:\/\//i.test(address) ? address : "");
  const named = (category) => {
    const last = category.split(".").pop();
    return NAMES[last] || last.split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join(" ");
  };

  // One connection for all tickers of a page that differ in category only: a browser opens at most six to a host.
  class Feed {
    static #all = new Map();
    static of(base, asked, token) {
      const key = JSON.stringify([base, asked, token]);
      if (!Feed.#all.has(key)) Feed.#all.set(key, new Feed(key, base, asked, token));
      return Feed.#all.get(key);
    }

    #key; #base; #asked; #token;
    #members = new Set();
    #wanted = ""; // categories and limit of the open stream
    #planned = false;
    #seen = ""; // the last id of the stream
    #abort = null;
    #heard = 0;
    #hidden = 0;
    #wait = 0;
    #timer = 0;
    #watch = 0;
    state = "connecting";
    refused = "";

    constructor(key, base, asked, token) {
      this.#key = key; this.#base = base; this.#asked = asked; this.#token = token;
    }

    join(member) {
      if (!this.#members.size) {
        this.#watch = setInterval(() => this.#look(), 5000);
        for (const name of ["online", "pageshow"]) window.addEventListener(name, this.#back);
        document.addEventListener("visibilitychange", this.#back);
      }
      this.#members.add(member);
      member.told(this.state, this.refused);
      this.#wanted = ""; // the new ticker needs a snapshot
      this.#plan();
    }

    leave(member) {
      this.#members.delete(member);
      if (this.#members.size) return;
      clearInterval(this.#watch);
      clearTimeout(this.#timer);
      for (const name of ["online", "pageshow"]) window.removeEventListener(name, this.#back);
      document.removeEventListener("visibilitychange", this.#back);
      this.#abort?.abort();
      this.#abort = null;
      Feed.#all.delete(this.#key);
    }

    #plan() { // waits for all tickers of the page, so that they share one stream
      if (this.#planned) return;
      this.#planned = true;
      setTimeout(() => {
        this.#planned = false;
        if (!this.#members.size) return;
        const members = [...this.#members];
        const categories = [...new Set(members.flatMap((member) => member.categories))].sort();
        const every = categories.includes("latest") && categories.every((category) => category === "latest");
        const wanted = JSON.stringify([every ? "" : categories.join(","), Math.max(...members.map((member) => member.limit))]);
        if (wanted === this.#wanted) return;
        this.#wanted = wanted;
        this.#seen = "";
        this.refused = "";
        this.#open();
      });
    }

    #open() {
      clearTimeout(this.#timer);
      this.#abort?.abort();
      const abort = (this.#abort = new AbortController());
      const [category, limit] = JSON.parse(this.#wanted);
      const address = new URL("stream", this.#base);
      for (const [name, value] of Object.entries({ ...this.#asked, category })) if (value) address.searchParams.set(name, value);
      address.searchParams.set("limit", limit + SPARE);
      if (this.#seen) address.searchParams.set("lastEventId", this.#seen);
      this.#heard = Date.now();
      if (this.state === "live") this.#tell("connecting");
      this.#read(address, abort).then(
        () => this.#again(abort),
        (error) => this.#again(abort, error),
      );
    }

    async #read(address, abort) {
      const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
      const answer = await fetch(address, { headers, signal: abort.signal, cache: "no-store", credentials: "omit" });
      if (!answer.ok) {
        this.refused = answer.status < 500 && answer.status !== 429 ? (await answer.text()).trim() : "";
        throw new Error(answer.statusText);
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ;) {
        const { value, done } = await reader.read();
        if (done || abort.signal.aborted) return;
        this.#heard = Date.now();
        if (this.state !== "live") {
          this.#wait = 0;
          this.#tell("live");
        }
        const blocks = (text + value).split("\n\n");
        text = blocks.pop();
        for (const block of blocks) this.#take(block);
      }
    }

    #take(block) { // Server-Sent Events (WHATWG HTML, 9.2), as the gateway writes them
      const fields = {};
      for (const line of block.split("\n")) {
        const at = line.indexOf(": ");
        if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
      }
      this.#seen = fields.id || this.#seen;
      if (!fields.event) return;
      const data = JSON.parse(fields.data);
      for (const member of this.#members) member.take(fields.event, data);
    }

    #again(abort, error) {
      if (abort !== this.#abort) return; // another stream has replaced this one
      if (this.#hidden < 0) return; // closed, until the page is visible again
      this.#tell("away");
      if (this.refused) return; // stays closed until an attribute changes
      this.#wait = error ? Math.min(Math.max(1000, this.#wait * 2), LONGEST_WAIT) : 250;
      this.#timer = setTimeout(() => this.#open(), this.#wait * (0.75 + Math.random() / 2));
    }

    #look() {
      if (document.visibilityState === "hidden") {
        this.#hidden ||= Date.now();
        if (this.#hidden > 0 && Date.now() - this.#hidden > HIDDEN) {
          this.#hidden = -1;
          this.#abort?.abort();
        }
      } else if (Date.now() - this.#heard > SILENT && this.state !== "away") this.#open();
    }

    // After sleep, a dead network or a long time in the background: resumes after the last row that was seen.
    #back = () => {
      if (document.visibilityState === "hidden" || !this.#wanted || this.refused) return;
      const closed = this.#hidden < 0;
      this.#hidden = 0;
      if (closed || this.state === "away" || Date.now() - this.#heard > SILENT / 2) this.#open();
    };

    #tell(state) {
      this.state = state;
      for (const member of this.#members) member.told(state, this.refused);
    }
  }

  class NewsTicker extends HTMLElement {
    static observedAttributes = ["category", "tabs", "limit", "ticker", "language", "source", "search", "announce", "tz", "label", "gateway", "token", "selected", "paused", "bare"];
    #feed = null;
    #rows = new Map(); // uri -> {row, order, element}
    #order = 0;
    #snapshot = 0; // rows of a snapshot still to come
    #planned = false;
    #clocks = 0;
    #typing = 0;
    #state = "connecting";
    #refused = "";
    #held = 0; // changes while paused
    #known = false; // whether the snapshot has begun
    #drawn = false; // whether the list shows what is asked for
    #broken = ""; // why the gateway gets no news
    #drawnAt = 0;
    #rest = 0;
    #loud = false;
    #saidAt = 0;
    #arrivals = [];
    #drawing = 0;
    #focus = "";
    #bar = made("div", "bar");
    #label = made("span", "label");
    #word = made("span", "state");
    #search = made("input", "search");
    #announce = made("button", "button", "Announce");
    #button = made("button", "button", "Pause");
    #tabs = made("div", "tabs");
    #panel = made("div");
    #list = made("ol", "list");
    #empty = made("p", "empty", "Connecting…");
    #said = made("div", "said");

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      for (const button of [this.#button, this.#announce]) {
        button.type = "button";
        button.setAttribute("aria-pressed", "false");
      }
      this.#button.classList.add("pause");
      this.#announce.title = "Have a screen reader say new headlines";
      Object.assign(this.#search, { type: "search", placeholder: "Ticker", maxLength: 32, spellcheck: false, autocomplete: "off", ariaLabel: "Ticker" });
      this.#tabs.setAttribute("role", "tablist");
      this.#panel.id = "panel";
      this.#list.setAttribute("role", "list");
      this.#said.setAttribute("aria-live", "off"); // a screen reader must not be interrupted by the ticker
      this.#bar.append(this.#label, this.#word, this.#search, this.#announce, this.#button);
      this.#panel.append(this.#list, this.#empty);
      root.append(this.#bar, this.#tabs, this.#panel, this.#said);
      this.#button.addEventListener("click", () => this.toggleAttribute("paused"));
      this.#announce.addEventListener("click", () => this.#speak(!this.#loud));
      this.#list.addEventListener("click", (event) => this.#select(event));
      this.#list.addEventListener("keydown", (event) => this.#move(event, [...this.#list.querySelectorAll("a")]));
      this.#list.addEventListener("focusin", (event) => { this.#focus = event.target.dataset.uri || ""; this.#rove(); });
      this.#tabs.addEventListener("click", ({ target }) => target.dataset.category && this.setAttribute("category", target.dataset.category));
      this.#tabs.addEventListener("keydown", (event) => this.#move(event, [...this.#tabs.children], true));
      this.#search.addEventListener("input", () => {
        clearTimeout(this.#typing);
        this.#typing = setTimeout(() => this.setAttribute("ticker", this.#search.value.trim()), 300);
      });
    }

    connectedCallback() {
      this.#tabbed();
      this.#pause();
      this.#plan();
      this.#clocks = setInterval(() => this.#tell(), 5000);
    }

    disconnectedCallback() {
      this.#feed?.leave(this);
      this.#feed = null;
      cancelAnimationFrame(this.#drawing);
      clearTimeout(this.#rest);
      this.#rest = 0;
      this.#drawing = 0;
      clearInterval(this.#clocks);
    }

    attributeChangedCallback(name, before, after) {
      if (!this.isConnected || before === after) return;
      if (["category", "tabs", "label", "search", "announce", "bare"].includes(name)) this.#tabbed();
      if (name === "selected") this.#mark();
      else if (name === "paused") this.#pause();
      else if (name === "tz") {
        for (const held of this.#rows.values()) held.element = null;
        this.#draw();
      } else if (!["label", "search", "announce", "bare"].includes(name)) this.#plan();
    }

    // The methods that the feed calls.
    get categories() {
      const given = (this.getAttribute("category") || "latest").split(",").map((each) => each.trim()).filter(Boolean);
      return given.length ? given : ["latest"];
    }

    get limit() {
      const given = Number.parseInt(this.getAttribute("limit") || "10", 10);
      return given > 0 ? Math.min(given, 1000) : 10;
    }

    told(state, refused) {
      this.#state = state;
      this.#refused = refused;
      if (state !== "live") this.#snapshot = 0; // a snapshot that broke off goes on as changes
      if (state !== "live") this.#broken = "";
      this.#draw();
    }

    take(event, data) {
      if (event === "reset") {
        this.#known = true;
        this.#rows.clear();
        this.#snapshot = data.rows;
      } else if (event === "item") this.#put(data);
      else if (event === "withdrawn") this.#gone(data);
      else if (event === "state") this.#broken = data.why;
      this.#draw();
    }

    // Moves the focus to the row of a story, or to the first row. Returns whether there is one.
    focusRow(uri) {
      const links = [...this.#list.querySelectorAll("a")];
      const link = links.find((each) => each.dataset.uri === uri) || links[0];
      link?.focus({ preventScroll: true });
      return Boolean(link);
    }

    #plan() { // several attributes are often set at once
      if (this.#planned) return;
      this.#planned = true;
      queueMicrotask(() => {
        this.#planned = false;
        if (!this.isConnected) return;
        this.#feed?.leave(this);
        this.#rows.clear();
        this.#list.replaceChildren(); // the old rows must not stand under a new heading, nor while paused
        this.#known = this.#drawn = false;
        this.#arrivals = [];
        this.#held = 0;
        const base = new URL(this.getAttribute("gateway") || HOME, HOME).href.replace(/\/*$/, "/");
        const asked = {};
        for (const name of ["ticker", "language", "source"]) asked[name] = (this.getAttribute(name) || "").trim();
        this.#feed = Feed.of(base, asked, this.getAttribute("token") || "");
        this.#feed.join(this);
        this.#draw();
      });
    }

    #shows(row) {
      return this.categories.some((wanted) =>
        wanted === "latest" || row.categories.some((each) => each === wanted || each.startsWith(`${wanted}.`)));
    }

    #put(row) {
      const live = this.#snapshot === 0;
      if (!live) this.#snapshot--;
      const held = this.#rows.get(row.uri);
      if (!this.#shows(row)) { // only another ticker of the page shows it
        if (held) this.#gone({ uri: row.uri, reason: "left" });
        return;
      }
      const fresh = live && !row.replayed;
      if (fresh) this.#arrivals.push(Date.now());
      if (live) this.#held++;
      this.#rows.delete(row.uri);
      this.#rows.set(row.uri, { row, order: this.#order++, element: null, fresh: fresh ? Date.now() : 0 });
      if (this.#rows.size > 2 * (this.limit + SPARE)) {
        for (const { row: old } of this.#sorted().slice(this.limit + SPARE)) this.#rows.delete(old.uri);
      }
      if (held) this.#emit("news-change", { uri: row.uri });
      if (fresh && this.#loud && Date.now() - this.#saidAt > 5000) {
        this.#saidAt = Date.now();
        this.#said.textContent = row.headline;
      }
    }

    #gone({ uri, reason }) {
      const held = this.#rows.get(uri);
      this.#rows.delete(uri);
      if (held && reason === "withdrawn") held.element?.remove(); // at once, even while paused
      else if (held) this.#held++;
      if (reason === "withdrawn") this.#emit("news-change", { uri });
    }

    // Newest first by the second of the wire's time, then by arrival, in the order of the gateway.
    #sorted() {
      const second = ({ row }) => row.time.slice(0, 19);
      return [...this.#rows.values()].sort((a, b) =>
        second(a) === second(b) ? b.order - a.order : second(a) < second(b) ? 1 : -1);
    }

    #draw() { // at once after a pause, then at most every REST ms
      if (this.#drawing || this.#rest) return;
      const wait = this.#drawnAt + REST - performance.now();
      if (wait > 0) {
        this.#rest = setTimeout(() => { this.#rest = 0; this.#frame(); }, wait);
      } else this.#frame();
    }

    #frame() {
      this.#drawing ||= requestAnimationFrame(() => {
        this.#drawing = 0;
        this.#drawnAt = performance.now();
        if (this.#known && !this.#snapshot && !(this.hasAttribute("paused") && this.#drawn)) this.#render();
        this.#words();
        this.#tell();
      });
    }

    #render() {
      this.#drawn = true;
      const wanted = [];
      let fresh = 0;
      const today = new Intl.DateTimeFormat("en-CA", this.#zoned({ dateStyle: "short" }));
      let day = today.format(new Date());
      for (const held of this.#sorted().slice(0, this.limit)) {
        const time = new Date(held.row.time);
        if (!held.element) {
          held.element = this.#element(held, time);
          if (held.fresh && Date.now() - held.fresh < NEW_MS && fresh++ < MOST_NEW) held.element.className = "new";
          held.day = Number.isNaN(time.getTime()) ? "" : today.format(time);
        }
        if (held.day && held.day !== day) wanted.push(this.#day(time, held.day));
        day = held.day || day;
        wanted.push(held.element);
      }
      const inside = this.shadowRoot.activeElement;
      if (fresh) { // what fades in last time has been seen
        const old = [...this.#list.querySelectorAll(".new")];
        for (const item of old.slice(0, Math.max(0, old.length + Math.min(fresh, MOST_NEW) - MOST_NEW))) item.className = "";
      }
      const keep = new Set(wanted);
      for (const child of [...this.#list.children]) if (!keep.has(child)) child.remove();
      wanted.forEach((element, index) => {
        // Moves only rows that change their place, so that the focused row keeps the focus.
        if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] || null);
      });
      this.#held = 0;
      this.#mark();
      this.#rove();
      // A replaced row passes the focus to its next version, a removed row to the first row.
      if (inside?.localName === "a" && this.shadowRoot.activeElement !== inside) this.#list.querySelector("a[tabindex='0']")?.focus();
    }

    // The list is one stop of the Tab key; the arrow keys go from row to row.
    #rove() {
      const links = [...this.#list.querySelectorAll("a")];
      const stop = links.find((link) => link.dataset.uri === this.#focus) || links[0];
      for (const link of links) {
        const index = link === stop ? 0 : -1;
        if (link.tabIndex !== index || !link.hasAttribute("tabindex")) link.tabIndex = index;
      }
    }

    #move(event, stops, click) {
      const here = stops.indexOf(event.target.closest("a, button"));
      const rtl = getComputedStyle(this).direction === "rtl";
      const steps = click ? { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 } : { ArrowDown: 1, ArrowUp: -1 };
      const next = event.key === "Home" ? stops[0] : event.key === "End" ? stops.at(-1) : event.key in steps ? stops[here + steps[event.key]] : null;
      if (here < 0 || !next || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      next.focus();
      if (click) next.click();
    }

    // Marks the row whose item the page shows.
    #mark() {
      const selected = this.getAttribute("selected");
      for (const link of this.#list.querySelectorAll("a")) {
        if (selected && link.dataset.uri === selected) link.setAttribute("aria-current", "true");
        else if (link.hasAttribute("aria-current")) link.removeAttribute("aria-current");
      }
    }

    #day(time, key) {
      const there = [...this.#list.children].find((each) => each.dataset.day === key);
      if (there) return there;
      const style = { weekday: "long", year: "numeric", month: "long", day: "numeric" };
      const element = made("li", "day", new Intl.DateTimeFormat(undefined, this.#zoned(style)).format(time));
      element.dataset.day = key;
      return element;
    }

    #element({ row }, time) {
      const item = made("li");
      const link = made("a");
      link.part = "row";
      link.href = web(row.url) || new URL(`#/latest/${encodeURIComponent(row.uri)}`, HOME).href;
      link.rel = "noopener noreferrer";
      link.target = "_blank";
      link.dataset.uri = row.uri;
      const clock = made("time", "time", this.#clock(time));
      clock.dateTime = row.time;
      if (!Number.isNaN(time.getTime())) {
        clock.title = new Intl.DateTimeFormat(undefined, this.#zoned({ dateStyle: "full", timeStyle: "long" })).format(time);
      }
      const headline = made("span", "headline", row.headline); // text, never markup
      headline.dir = "auto";
      if (row.language) headline.lang = row.language;
      if (row.status === "corrected" || row.status === "updated") {
        const badge = made("span", "badge", row.status);
        badge.classList.add(row.status);
        badge.lang = "en";
        headline.append(" ", badge);
      }
      link.append(clock, headline, made("span", "source", row.source));
      item.append(link);
      return item;
    }

    #clock(time) {
      if (Number.isNaN(time.getTime())) return "";
      const parts = new Intl.DateTimeFormat("en-US", this.#zoned({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" })).formatToParts(time);
      const part = (type) => Number(parts.find((each) => each.type === type).value);
      const two = (number) => String(number).padStart(2, "0");
      return `${two(part("hour") % 12 || 12)}:${two(part("minute"))}${part("hour") < 12 ? "a" : "p"}`;
    }

    // The time zone of `tz`, else that of the browser.
    #zoned(options) {
      const timeZone = this.getAttribute("tz");
      if (!timeZone) return options;
      try {
        new Intl.DateTimeFormat("en-US", { timeZone });
        return { ...options, timeZone };
      } catch {
        return options;
      }
    }

    #tabbed() {
      const tabs = (this.getAttribute("tabs") || "").split(",").map((each) => each.trim().split("=")).filter(([id]) => id);
      if (tabs.length && !this.hasAttribute("category")) this.setAttribute("category", tabs[0][0]);
      const focused = this.shadowRoot.activeElement?.dataset.category;
      this.#tabs.hidden = !tabs.length;
      this.#tabs.setAttribute("aria-label", "Categories");
      this.#tabs.replaceChildren(...tabs.map(([category, name]) => {
        const tab = made("button", "tab", name || named(category));
        const own = category === this.getAttribute("category");
        tab.type = "button";
        tab.dataset.category = category;
        tab.tabIndex = own ? 0 : -1;
        for (const [key, value] of [["role", "tab"], ["aria-selected", own], ["aria-controls", "panel"]]) tab.setAttribute(key, value);
        return tab;
      }));
      if (focused) this.#tabs.querySelector("[aria-selected=true]")?.focus();
      if (tabs.length) this.#panel.setAttribute("role", "tabpanel");
      else this.#panel.removeAttribute("role");
      const category = this.categories.map(named).join(", ");
      if (tabs.length) this.#panel.setAttribute("aria-label", category);
      this.#label.textContent = this.getAttribute("label") || "";
      this.#label.hidden = !this.#label.textContent;
      this.#list.setAttribute("aria-label", `News: ${this.getAttribute("label") || category}`);
      const bare = this.hasAttribute("bare");
      this.#announce.hidden = bare || !this.hasAttribute("announce");
      this.#button.hidden = this.#word.hidden = bare;
      this.#bar.hidden = bare && this.#label.hidden && !this.hasAttribute("search");
      this.#search.hidden = !this.hasAttribute("search");
      this.#search.value ||= this.getAttribute("ticker") || "";
    }

    #words() {
      const ticker = (this.getAttribute("ticker") || "").trim();
      this.#empty.hidden = this.#list.children.length > 0;
      this.#empty.textContent =
        this.#refused ? this.#refused :
        this.#state === "away" ? "The news cannot be reached. Trying again…" :
        this.#broken ? "The news cannot be reached. Trying again…" :
        this.#state === "connecting" || !this.#drawn ? "Connecting…" :
        ticker ? `No news of ${ticker.toUpperCase()} yet. It will appear here.` : "No news here yet. It will appear here as it comes.";
      this.#word.dataset.state = this.#broken ? "away" : this.#state;
      this.#word.textContent =
        this.#refused ? "Refused" :
        this.#broken ? "No new items" :
        this.hasAttribute("paused") ? (this.#held ? `Paused, ${this.#held} new` : "Paused") : { live: "Live", connecting: "Connecting…", away: "Reconnecting…" }[this.#state];
    }

    #pause() {
      const paused = this.hasAttribute("paused");
      this.#held = 0;
      this.#button.setAttribute("aria-pressed", String(paused));
      this.#button.textContent = paused ? "Resume" : "Pause";
      this.#draw();
    }

    #speak(loud) {
      this.#loud = loud;
      this.#announce.setAttribute("aria-pressed", String(loud));
      this.#said.setAttribute("aria-live", loud ? "polite" : "off");
      if (!loud) this.#said.textContent = "";
    }

    #select(event) {
      const link = event.target.closest("a");
      if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const row = this.#rows.get(link.dataset.uri)?.row;
      if (row && !this.#emit("news-select", row)) event.preventDefault();
    }

    #tell() {
      const now = Date.now();
      this.#arrivals = this.#arrivals.filter((each) => now - each < 60000);
      const newest = this.#sorted()[0]?.row.time;
      this.#emit("news-status", {
        state: this.#state,
        refused: this.#refused,
        paused: this.hasAttribute("paused"),
        held: this.#held,
        broken: this.#broken,
        newest: newest ? this.#clock(new Date(newest)) : "",
        perMinute: this.#arrivals.length,
      });
    }

    #emit(name, detail) {
      return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
    }
  }

  customElements.define("news-ticker", NewsTicker);
})();
