// <news-ticker category="companies" limit="10">: the newest rows, live. No dependencies; works under a strict CSP.
// <script src="https://the.gateway/widget.js" defer></script> on a page is all that it needs.
// Attributes: category, tabs="latest,companies,markets=Markets", limit, ticker, company, sector, q (words, "a phrase", -not), language, source,
// lang (of the labels; else that of the page), search (shows a field for q), announce (shows a switch that makes screen readers speak the
// headlines), tz, label, theme="light|dark", density="dense|roomy", gateway, token, selected, paused (holds the list), bare (no button and
// no state of its own: the page has them). Method: focusRow(uri).
// Events: news-select (a row was chosen; preventDefault keeps the page), news-change (a row was revised or has gone),
// news-status. Styled by --news-ticker-background, -border, -ink, -soft, -line, -accent, -tint, font and ::part(…):
// bar, label, state, button, tabs, tab, search, list, day, row, time, headline, chip, badge, source, fresh, more, empty.
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
  const REST = 250; // ms between two drawings at most
  const SHARE = 4; // a drawing is followed by a rest of so many times its own time
  const CALM = 30000; // ms without a move; then somebody whose pointer or focus rests on the list no longer reads
  const MOST_CHIPS = 3;
  const FILTERS = ["ticker", "company", "sector", "q", "language", "source"];
  const LANGUAGES = ["de", "fr", "es", "it", "nl"]; // beside English
  const ENGLISH = {}; // LABELS: the gateway writes the English ones here

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
    @media (pointer: coarse) { button, input { min-height: 44px !important; } }
    button { cursor: pointer; }
    input { width: 8em; color: var(--i); box-sizing: border-box; }
    button:hover { background: var(--t); }
    button[aria-pressed=true] { background: var(--t); font-weight: 600; }
    .pause { min-width: 74px; }
    .tabs { display: flex; overflow-x: auto; padding: 0 calc(var(--x) - 10px); border-top: 1px solid var(--l); scrollbar-width: thin; }
    .tabs button { flex: none; border: 0; border-bottom: 3px solid transparent; border-radius: 0; padding: 7px 10px 5px; color: var(--s); font-weight: 600; font-size: 14px; }
    .tabs [aria-selected=true] { color: var(--a); border-color: currentColor; }
    :focus-visible { outline: 2px solid var(--a); outline-offset: -2px; border-radius: 4px; }
    ol { list-style: none; margin: 0; padding: 0; }
    .day { padding: 5px var(--x); border-top: 1px solid var(--l); color: var(--s); font-size: 12px; font-weight: 600; letter-spacing: .03em; }
    li { position: relative; }
    .item { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0 10px; align-items: baseline; padding: var(--y) var(--x); border-top: 1px solid var(--l); }
    a { color: inherit; text-decoration: none; }
    .row { display: grid; grid-template-columns: 4.3em minmax(0, 1fr); gap: 0 10px; align-items: baseline; }
    .row::after { content: ""; position: absolute; inset: 0; } /* the whole line is the link; chips and code lie above it */
    .row:focus-visible { outline: none; }
    .row:focus-visible::after { outline: 2px solid var(--a); outline-offset: -2px; border-radius: 4px; }
    .item:has([aria-current]) { background: var(--t); box-shadow: inset 3px 0 var(--a); }
    .item:hover { background: var(--t); }
    .row:hover .headline { text-decoration: underline; text-underline-offset: 2px; }
    time { color: var(--s); font: .87em ui-monospace, SFMono-Regular, Consolas, "DejaVu Sans Mono", monospace; white-space: nowrap; }
    .headline { overflow-wrap: anywhere; unicode-bidi: isolate; }
    .updated { color: var(--s) !important; }
    .chips { display: flex; gap: 4px; flex-wrap: wrap; justify-content: end; z-index: 1; }
    .chip { padding: 0 6px; border: 1px solid var(--l); border-radius: 99px; color: var(--a); font-size: 12px; line-height: 1.6; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .chip:hover { border-color: currentColor; }
    .urgent { color: light-dark(#b3261e, #ff8a80) !important; font-weight: 700; }
    :host([bare][density=dense]) .chips { display: none; }
    .fresh { position: sticky; top: 8px; z-index: 2; display: block; min-height: 28px; margin: -14px auto; padding: 0 14px; font-size: 12.5px; background: var(--a); color: light-dark(#fff, #10171e); border-color: transparent; border-radius: 99px; font-weight: 600; box-shadow: 0 2px 8px #0004; }
    .fresh:hover { background: var(--a); text-decoration: underline; }
    .more { display: block; width: calc(100% - 2 * var(--x)); margin: 10px var(--x) 12px; }
    .badge { display: inline-block; margin-inline-start: 8px; padding: 0 6px; border: 1px solid currentColor; border-radius: 4px; color: var(--w); font-size: 11px; line-height: 1.4; white-space: nowrap; }
    .source { grid-column: 3; z-index: 1; cursor: default; color: var(--s); font-size: 12px; font-weight: 700; letter-spacing: .04em; }
    .new::before { content: ""; position: absolute; inset: 1px 0 0; background: var(--t); opacity: 0; pointer-events: none; z-index: -1; animation: new ${NEW_MS}ms ease-out; }
    .new { isolation: isolate; }
    @keyframes new { from { opacity: 1; } }
    @media (prefers-reduced-motion: reduce) { .new::before { content: none; } }
    @media (forced-colors: active) { .tabs button { border-color: Canvas; } .tabs [aria-selected=true] { border-color: Highlight; } .state::before { border: 1px solid; } .new::before { content: none; } .item:has([aria-current]) { outline: 2px solid Highlight; outline-offset: -2px; } }
    @media print { .bar button, .bar input, .state, .more, .fresh { display: none; } li { break-inside: avoid; } }
    .empty { margin: 0; padding: 36px var(--x); border-top: 1px solid var(--l); color: var(--s); text-align: center; }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@container (max-width: 480px) { .item { grid-template-columns: minmax(0, 1fr) auto; gap: 0 8px; padding-inline: 12px; } .row { grid-template-columns: 4em minmax(0, 1fr); gap: 0 8px; } .source { grid-area: 1 / 2; } .chips { grid-row: 2; justify-content: start; margin-inline-start: calc(4em * .93 + 8px); } .bar, .day { padding-inline: 12px; } }
  `);

  const made = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = element.part = name;
    if (text) element.textContent = text;
    return element;
  };
  const web = (address) => (/^https?:\/\//i.test(address) ? address : "");
  // The labels of a language; English until they are here.
  class Labels {
    static #all = new Map();
    static of(base, language) {
      const key = `${base} ${language}`;
      if (!Labels.#all.has(key)) Labels.#all.set(key, new Labels(base, language));
      return Labels.#all.get(key);
    }

    texts = ENGLISH;
    language = "en";

    constructor(base, language) {
      this.ready = !LANGUAGES.includes(language) ? null : fetch(new URL(`labels/${language}.json`, base), { credentials: "omit" })
        .then((answer) => (answer.ok ? answer.json() : null))
        .then((texts) => { if (texts) { this.texts = texts; this.language = language; } }, () => {});
    }

    say(key, values = {}) {
      return (this.texts[key] || ENGLISH[key] || key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    }

    named(category) {
      const text = this.texts[`section.${category}`];
      if (text) return text;
      return category.split(".").pop().split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join(" ");
    }
  }

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
      const answer = await fetch(address, { headers, signal: abort.signal, cache: "no-store" });
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
    static observedAttributes = ["category", "tabs", "limit", ...FILTERS, "lang", "search", "announce", "tz", "label", "gateway", "token", "selected", "paused", "bare"];
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
    #took = 0; // ms of the last drawing
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
    #hints = made("datalist");
    #announce = made("button", "button");
    #button = made("button", "button");
    #tabs = made("div", "tabs");
    #panel = made("div");
    #slot = document.createElement("slot"); // what the page gives stands here until the first rows are here
    #list = made("ol", "list");
    #empty = made("p", "empty");
    #fresh = made("button", "fresh");
    #more = made("button", "more");
    #base = HOME;
    #labels = Labels.of(HOME, "en");
    #extra = 0; // rows beyond the limit that the reader asked for
    #next = ""; // the address of the rows after them
    #ended = false; // there are no older rows
    #filled = false; // whether older rows were fetched where the stream had few
    #movedAt = 0; // when the reader last moved on the list
    #said = made("div", "said");

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      for (const button of [this.#button, this.#announce, this.#fresh, this.#more]) button.type = "button";
      for (const button of [this.#button, this.#announce]) button.setAttribute("aria-pressed", "false");
      this.#button.classList.add("pause");
      Object.assign(this.#search, { type: "search", maxLength: 200, spellcheck: false, autocomplete: "off" });
      this.#hints.id = "hints";
      this.#search.setAttribute("list", "hints");
      this.#tabs.setAttribute("role", "tablist");
      this.#panel.id = "panel";
      this.#list.setAttribute("role", "list");
      this.#said.setAttribute("aria-live", "off"); // a screen reader must not be interrupted by the ticker
      this.#bar.append(this.#label, this.#word, this.#search, this.#hints, this.#announce, this.#button);
      this.#panel.append(this.#fresh, this.#slot, this.#list, this.#empty, this.#more);
      root.append(this.#bar, this.#tabs, this.#panel, this.#said);
      this.#button.addEventListener("click", () => this.toggleAttribute("paused"));
      this.#announce.addEventListener("click", () => this.#speak(!this.#loud));
      this.#list.addEventListener("click", (event) => this.#select(event));
      this.#list.addEventListener("keydown", (event) => this.#walk(event));
      for (const name of ["pointermove", "wheel", "keydown", "focusin"]) this.#list.addEventListener(name, () => { this.#movedAt = Date.now(); }, { passive: true });
      for (const name of ["pointerleave", "focusout"]) this.#list.addEventListener(name, () => setTimeout(() => this.#draw()));
      this.#fresh.addEventListener("click", () => this.#catchUp());
      this.#more.addEventListener("click", () => this.#older());
      this.#list.addEventListener("focusin", (event) => { this.#focus = event.target.closest("li")?.dataset.uri || ""; this.#rove(); });
      this.#tabs.addEventListener("click", ({ target }) => target.dataset.category && this.setAttribute("category", target.dataset.category));
      this.#tabs.addEventListener("keydown", (event) => this.#move(event, [...this.#tabs.children], true));
      this.#search.addEventListener("input", () => {
        clearTimeout(this.#typing);
        this.#typing = setTimeout(() => { this.setAttribute("q", this.#search.value.trim()); this.#suggest(); }, 300);
      });
    }

    connectedCallback() {
      this.#speech();
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
      else if (name === "lang") this.#speech();
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
        this.#filled = false;
        this.#extra = 0;
        this.#next = "";
        this.#ended = false;
        this.#rows.clear();
        this.#snapshot = data.rows;
      } else if (event === "item") this.#put(data);
      else if (event === "withdrawn") this.#gone(data);
      else if (event === "state") this.#broken = data.why;
      this.#draw();
    }

    // Moves the focus to the row of a story, or to the first row. Returns whether there is one.
    focusRow(uri) {
      const links = [...this.#list.querySelectorAll(".row")];
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
        this.#extra = 0;
        this.#next = "";
        this.#ended = false;
        this.#base = new URL(this.getAttribute("gateway") || HOME, HOME).href.replace(/\/*$/, "/");
        this.#feed = Feed.of(this.#base, this.#asked(), this.getAttribute("token") || "");
        this.#feed.join(this);
        this.#draw();
      });
    }

    // The address of the page of a story that the list has; empty where it has not.
    pageOf(uri) {
      const page = this.#rows.get(uri)?.row.page;
      return page ? new URL(page, this.#base).href : "";
    }

    #asked() {
      const asked = {};
      for (const name of FILTERS) asked[name] = (this.getAttribute(name) || "").trim();
      return asked;
    }

    #say(key, values) {
      return this.#labels.say(key, values);
    }

    // Takes the labels of the language of this element or of the page around it.
    #speech() {
      const around = this.closest("[lang]")?.lang || document.documentElement.lang || "en";
      const labels = Labels.of(new URL(this.getAttribute("gateway") || HOME, HOME).href.replace(/\/*$/, "/"), around.slice(0, 2).toLowerCase());
      const spoken = () => {
        this.#labels = labels;
        for (const part of [this.#bar, this.#tabs, this.#empty, this.#fresh, this.#more]) part.lang = labels.language;
        for (const held of this.#rows.values()) held.element = null;
        this.#tabbed();
        this.#pause();
      };
      spoken();
      if (labels.ready && labels.texts === ENGLISH) labels.ready.then(spoken);
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
      if (live && !(held && held.element === null)) this.#held++;
      this.#rows.delete(row.uri);
      this.#rows.set(row.uri, { row, order: this.#order++, element: null, fresh: fresh ? Date.now() : 0 });
      const most = this.limit + this.#extra + SPARE;
      if (this.#rows.size > 2 * most) {
        for (const { row: old } of this.#sorted().slice(most)) this.#rows.delete(old.uri);
      }
      if (live && (held || row.version !== "1")) this.#emit("news-change", { uri: row.uri });
      if (fresh && this.#loud && Date.now() - this.#saidAt > 5000) {
        this.#saidAt = Date.now();
        this.#said.textContent = row.headline;
        this.#said.lang = row.language;
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

    #draw() { // at once after a rest
      if (this.#drawing || this.#rest) return;
      const wait = this.#drawnAt + Math.min(REST, SHARE * this.#took) - performance.now();
      if (wait > 0) {
        this.#rest = setTimeout(() => { this.#rest = 0; this.#frame(); }, wait);
      } else this.#frame();
    }

    #frame() {
      this.#drawing ||= requestAnimationFrame(() => {
        this.#drawing = 0;
        const began = performance.now();
        const holds = this.#drawn && (this.hasAttribute("paused") || this.#reading());
        if (this.#known && !this.#snapshot && !holds) {
          // The stream begins with what is new; of a company there may be less than fits, and older news in the history.
          if (!this.#filled && this.#rows.size < this.limit && FILTERS.some((name) => this.getAttribute(name))) {
            this.#filled = true;
            return void this.#older(true);
          }
          this.#render();
        }
        this.#words();
        this.#tell();
        this.#drawnAt = performance.now();
        this.#took = this.#drawnAt - began;
      });
    }

    // Whether somebody reads the list, so that it must not move: pointer or focus move on it, or its head is out of sight.
    #reading() {
      if (!this.#list.children.length) return false;
      const box = this.getBoundingClientRect();
      if (box.top < -60 && box.bottom > 0) return true;
      const on = this.#list.matches(":hover") || this.#list.contains(this.shadowRoot.activeElement);
      return on && Date.now() - this.#movedAt < CALM;
    }

    // Shows what came while the reader read.
    #catchUp() {
      this.#render();
      if (this.getBoundingClientRect().top < 0) this.scrollIntoView({ block: "start" });
      this.#list.querySelector(".row")?.focus({ preventScroll: true });
      this.#words();
    }

    // Adds the rows before the last one.
    async #older(first = false) {
      const last = this.#sorted().slice(0, this.limit + this.#extra).at(-1);
      if (this.#more.disabled) return;
      let address = this.#next && new URL(this.#next, this.#base);
      if (!address) {
        address = new URL("latest", this.#base);
        for (const [name, value] of Object.entries({ ...this.#asked(), category: this.categories.join(",") })) if (value) address.searchParams.set(name, value);
        address.searchParams.set("limit", Math.min(Math.max(this.limit, 20), 100));
        if (last) address.searchParams.set("before", last.row.time);
      }
      const feed = this.#feed;
      const token = this.getAttribute("token");
      this.#more.disabled = true;
      try {
        const answer = await fetch(address, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
        if (!answer.ok) throw new Error(answer.statusText);
        const rows = await answer.json();
        if (feed !== this.#feed) return;
        const shown = this.#sorted().slice(0, this.limit + this.#extra).map(({ row }) => row.uri);
        this.#next = /<([^>]*)>; rel="next"/.exec(answer.headers.get("Link") || "")?.[1] || "";
        this.#ended = !this.#next;
        const added = rows.filter((row) => !shown.includes(row.uri) && this.#shows(row));
        rows.forEach((row, index) => {
          if (!this.#rows.has(row.uri)) this.#rows.set(row.uri, { row, order: -this.#order - index - 1, element: null, fresh: 0 });
        });
        this.#extra += first ? 0 : added.length;
        this.#render();
        if (!first) this.#list.querySelector(`[data-uri="${CSS.escape(added[0]?.uri || "")}"] .row`)?.focus({ preventScroll: true });
      } catch {
        if (!first) {
          this.#empty.hidden = false;
          this.#empty.textContent = this.#say("away");
        }
      } finally {
        this.#more.disabled = false;
        this.#draw();
      }
    }

    // Suggests companies for what is typed.
    async #suggest() {
      const text = this.#search.value.trim();
      if (text.length < 2) return;
      const address = new URL("suggest", this.#base);
      address.searchParams.set("q", text);
      try {
        const answer = await fetch(address, { credentials: "omit" });
        const found = answer.ok ? await answer.json() : [];
        if (this.#search.value.trim() !== text) return;
        this.#hints.replaceChildren(...found.map(({ name, symbols }) => Object.assign(document.createElement("option"), { value: name, label: symbols.join(" ") })));
      } catch { /* no suggestions */ }
    }

    #render() {
      this.#drawn = true;
      if (this.#slot.isConnected) {
        this.#slot.remove();
        this.replaceChildren(); // else tools would find each row twice
      }
      const wanted = [];
      let fresh = 0;
      const today = new Intl.DateTimeFormat("en-CA", this.#zoned({ dateStyle: "short" }));
      let day = today.format(new Date());
      for (const held of this.#sorted().slice(0, this.limit + this.#extra)) {
        const time = new Date(held.row.time);
        if (!held.element) {
          held.element = this.#element(held, time);
          if (held.fresh && Date.now() - held.fresh < NEW_MS && fresh++ < MOST_NEW) held.element.classList.add("new");
          held.day = Number.isNaN(time.getTime()) ? "" : today.format(time);
        }
        if (held.day && held.day !== day) wanted.push(this.#day(time, held.day));
        day = held.day || day;
        wanted.push(held.element);
      }
      const inside = this.shadowRoot.activeElement;
      if (fresh) { // what fades in last time has been seen
        const old = [...this.#list.querySelectorAll(".new")];
        for (const item of old.slice(0, Math.max(0, old.length + Math.min(fresh, MOST_NEW) - MOST_NEW))) item.classList.remove("new");
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
      if (inside?.localName === "a" && this.shadowRoot.activeElement !== inside) this.#list.querySelector("a[tabindex='0']")?.focus({ preventScroll: true });
    }

    // The list is one stop of the Tab key; the arrow keys go from row to row, and along the chips of a row.
    #walk(event) {
      const link = event.target.closest("a");
      const beside = link && [...link.closest("li").querySelectorAll("a")];
      if (beside?.length > 1 && (event.key === "ArrowRight" || event.key === "ArrowLeft")) this.#move(event, beside, false, true);
      else this.#move(event, [...this.#list.querySelectorAll(".row")], false, false, link?.closest("li").querySelector(".row"));
    }

    #rove() {
      const links = [...this.#list.querySelectorAll(".row")];
      const stop = links.find((link) => link.dataset.uri === this.#focus) || links[0];
      for (const link of links) {
        const index = link === stop ? 0 : -1;
        if (link.tabIndex !== index || !link.hasAttribute("tabindex")) link.tabIndex = index;
      }
    }

    #move(event, stops, click, along = click, from = event.target.closest("a, button")) {
      const here = stops.indexOf(from);
      const rtl = getComputedStyle(this).direction === "rtl";
      const steps = along ? { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 } : { ArrowDown: 1, ArrowUp: -1 };
      const next = event.key === "Home" ? stops[0] : event.key === "End" ? stops.at(-1) : event.key in steps ? stops[here + steps[event.key]] : null;
      if (here < 0 || !next || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      next.focus();
      if (click) next.click();
    }

    // Marks the row whose item the page shows.
    #mark() {
      const selected = this.getAttribute("selected");
      for (const link of this.#list.querySelectorAll(".row")) {
        if (selected && link.dataset.uri === selected) link.setAttribute("aria-current", "true");
        else if (link.hasAttribute("aria-current")) link.removeAttribute("aria-current");
      }
    }

    #day(time, key) {
      const there = [...this.#list.children].find((each) => each.dataset.day === key);
      if (there) return there;
      const style = { weekday: "long", year: "numeric", month: "long", day: "numeric" };
      const element = made("li", "day", new Intl.DateTimeFormat(this.#labels.language, this.#zoned(style)).format(time));
      element.dataset.day = key;
      return element;
    }

    #element({ row }, time) {
      const item = made("li", "item");
      item.dataset.uri = row.uri;
      const link = made("a", "row");
      link.href = row.page ? new URL(row.page, this.#base).href : web(row.url) || new URL("/", this.#base).href;
      link.rel = "noopener noreferrer";
      if (new URL(link.href).origin !== location.origin) link.target = "_blank";
      link.dataset.uri = row.uri;
      const clock = made("time", "time", this.#clock(time));
      clock.dateTime = row.time;
      if (!Number.isNaN(time.getTime())) {
        clock.title = new Intl.DateTimeFormat(this.#labels.language, this.#zoned({ dateStyle: "full", timeStyle: "long" })).format(time);
      }
      const headline = made("span", "headline", row.headline); // text, never markup
      headline.dir = "auto";
      if (row.language) headline.lang = row.language;
      const marks = row.urgency && row.urgency <= 2 ? ["urgent"] : [];
      if (row.status === "corrected" || row.status === "updated") marks.push(row.status);
      for (const mark of marks) {
        const badge = made("span", "badge", this.#say(mark));
        badge.classList.add(mark);
        badge.lang = this.#labels.language;
        headline.append(" ", badge);
      }
      const from = made("span", "said", this.#say("from_source", { name: row.sourceName || row.source }));
      from.lang = this.#labels.language;
      link.append(clock, headline, from);
      const code = made("span", "source", row.source);
      code.title = row.sourceName || row.source;
      code.setAttribute("aria-hidden", "true"); // the link says its full name
      item.append(link, ...this.#chips(row), code);
      return item;
    }

    // The tickers of a row, each a link to its company.
    #chips(row) {
      const all = (row.companies || []).flatMap(({ id, name, symbols }) => symbols.map((symbol) => ({ symbol, name, to: `company/${encodeURIComponent(id)}` })));
      const known = new Set(all.map(({ symbol }) => symbol));
      for (const symbol of row.symbols) if (!known.has(symbol)) all.push({ symbol, name: symbol, to: `?ticker=${encodeURIComponent(symbol)}` });
      if (!all.length) return [];
      const chips = made("span", "chips");
      chips.append(...all.slice(0, MOST_CHIPS).map(({ symbol, name, to }) => {
        const chip = made("a", "chip", symbol);
        chip.href = new URL(to, this.#base).href;
        chip.title = name;
        chip.tabIndex = -1;
        if (new URL(chip.href).origin !== location.origin) chip.target = "_blank";
        chip.rel = "noopener noreferrer";
        return chip;
      }));
      return [chips];
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
      this.#tabs.setAttribute("aria-label", this.#say("categories"));
      this.#tabs.replaceChildren(...tabs.map(([category, name]) => {
        const tab = made("button", "tab", name || this.#labels.named(category));
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
      const category = this.categories.map((each) => this.#labels.named(each)).join(", ");
      if (tabs.length) this.#panel.setAttribute("aria-label", category);
      this.#label.textContent = this.getAttribute("label") || "";
      this.#label.hidden = !this.#label.textContent;
      this.#list.setAttribute("aria-label", this.#say("news_list", { name: this.getAttribute("label") || category }));
      this.#announce.textContent = this.#say("announce");
      this.#announce.title = this.#say("announce_help");
      this.#more.textContent = this.#say("more");
      this.#search.placeholder = this.#search.ariaLabel = this.#say("search_hint");
      const bare = this.hasAttribute("bare");
      this.#announce.hidden = bare || !this.hasAttribute("announce");
      this.#button.hidden = this.#word.hidden = bare;
      this.#bar.hidden = bare && this.#label.hidden && !this.hasAttribute("search");
      this.#search.hidden = !this.hasAttribute("search");
      this.#search.value ||= this.getAttribute("q") || "";
    }

    #words() {
      const shown = this.#list.children.length > 0;
      const held = this.#drawn && this.#held > 0 && (this.hasAttribute("paused") || this.#reading());
      this.#empty.hidden = (shown && !this.#ended) || (this.#slot.isConnected && this.children.length > 0 && !this.#refused && this.#state === "connecting");
      this.#empty.textContent =
        this.#refused ? this.#refused :
        shown ? this.#say("no_older") :
        this.#broken || this.#state === "away" ? this.#say("away") :
        this.#state === "connecting" || !this.#drawn ? this.#say("connecting") :
        this.#say(FILTERS.some((name) => this.getAttribute(name)) ? "none_such" : "none");
      this.#fresh.hidden = !held;
      this.#fresh.textContent = this.#say("new_rows", { count: this.#held });
      this.#more.hidden = !shown || this.#ended || this.hasAttribute("bare");
      this.#word.dataset.state = this.#broken ? "away" : this.#state;
      this.#word.textContent = this.#say(
        this.#refused ? "refused" :
        this.#broken ? "no_news" :
        this.hasAttribute("paused") ? "paused" : { live: "live", connecting: "connecting", away: "reconnecting" }[this.#state]);
    }

    #pause() {
      const paused = this.hasAttribute("paused");
      this.#held = 0;
      this.#button.setAttribute("aria-pressed", String(paused));
      this.#button.textContent = this.#say(paused ? "resume" : "pause");
      this.#draw();
    }

    #speak(loud) {
      this.#loud = loud;
      this.#announce.setAttribute("aria-pressed", String(loud));
      this.#said.setAttribute("aria-live", loud ? "polite" : "off");
      if (!loud) this.#said.textContent = "";
    }

    #select(event) {
      if (event.target.closest(".chip")) return;
      if (event.target.closest(".source")) return event.target.closest("li").querySelector(".row").click();
      const link = event.target.closest(".row");
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
