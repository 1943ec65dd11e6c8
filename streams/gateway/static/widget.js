// <news-ticker category="companies" limit="10" ticker="" language="" source="" tz="">: the newest rows, live.
// Put <script src="https://the.gateway/widget.js"></script> on a page; `gateway="https://…"` names another gateway.
// Emits `news-select` (a row was chosen; preventDefault keeps the page), `news-change` (a row was revised or has
// gone) and `news-status`. Styled by --news-ticker-background, -border, -ink, -soft, -line, -accent, font and ::part(bar).
(() => {
  "use strict";
  if (customElements.get("news-ticker")) return;
  const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const HOME = new URL(".", script ? script.src : location.href).href;
  const SPARE = 10; // rows held beyond the limit, to move up when one goes
  const LONGEST_WAIT = 30000;
  const NEW_MS = 4000;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { --b: var(--news-ticker-background, #fff); --i: var(--news-ticker-ink, #16202b); --s: var(--news-ticker-soft, #566472);
      --l: var(--news-ticker-line, #dde3e9); --a: var(--news-ticker-accent, #0b5fad); --t: #e8f1fa; --w: #8a5a00;
      display: block; contain: content; background: var(--b); color: var(--i); border: var(--news-ticker-border, 1px solid var(--l)); border-radius: 8px;
      font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    :host([hidden]) { display: none; }
    @media (prefers-color-scheme: dark) { :host { --b: var(--news-ticker-background, #161e26); --i: var(--news-ticker-ink, #e4eaf0);
      --s: var(--news-ticker-soft, #9aa8b6); --l: var(--news-ticker-line, #2a3540); --a: var(--news-ticker-accent, #74b5f2); --t: #1b2c3d; --w: #e8b75a; } }
    .bar { display: flex; justify-content: flex-end; align-items: center; gap: 12px; padding: 5px 12px; box-sizing: border-box; color: var(--s); font-size: 13px; }
    button { font: inherit; color: var(--a); background: none; border: 1px solid var(--l); border-radius: 6px; padding: 3px 12px; min-width: 76px; cursor: pointer; }
    button:hover { background: var(--t); }
    button[aria-pressed=true] { background: var(--t); font-weight: 600; }
    :focus-visible { outline: 2px solid var(--a); outline-offset: -2px; border-radius: 4px; }
    ol { list-style: none; margin: 0; padding: 0; }
    .day { padding: 5px 16px; border-top: 1px solid var(--l); color: var(--s); font-size: 12px; font-weight: 600; letter-spacing: .03em; }
    a { display: grid; grid-template-columns: 4.4em 1fr auto; gap: 0 10px; align-items: baseline; padding: 7px 16px; border-top: 1px solid var(--l); color: inherit; text-decoration: none; }
    a:hover { background: var(--t); }
    a[aria-current] { background: var(--t); box-shadow: inset 3px 0 var(--a); }
    a:hover .headline { text-decoration: underline; text-underline-offset: 2px; }
    time { color: var(--s); font: 13px ui-monospace, SFMono-Regular, Consolas, "DejaVu Sans Mono", monospace; white-space: nowrap; }
    .headline { min-width: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
    .badge { margin-inline-start: 8px; padding: 0 6px; border: 1px solid currentColor; border-radius: 4px; color: var(--w); font-size: 11px; white-space: nowrap; }
    .source { color: var(--s); font-size: 12px; font-weight: 700; letter-spacing: .04em; }
    .new a { animation: new ${NEW_MS}ms ease-out; }
    @keyframes new { from { background: var(--t); box-shadow: inset 3px 0 var(--a); } }
    @media (prefers-reduced-motion: reduce) { .new a { animation: none; } }
    .empty { margin: 0; padding: 40px 16px; border-top: 1px solid var(--l); color: var(--s); text-align: center; }
    @media (max-width: 480px) { a { grid-template-columns: 3.9em 1fr auto; gap: 0 8px; padding-inline: 12px; } time { font-size: 12px; } .day { padding-inline: 12px; } }
  `);

  const made = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  };
  const web = (address) => (/^https?:\/\//i.test(address) ? address : "");

  class NewsTicker extends HTMLElement {
    static observedAttributes = ["category", "limit", "ticker", "language", "source", "tz", "gateway", "selected"];
    #rows = new Map(); // uri -> {row, order, element}
    #order = 0;
    #snapshot = 0; // rows of a snapshot still to come
    #seen = ""; // the last id of the stream
    #stream = null;
    #wait = 0;
    #timers = new Set();
    #state = "connecting";
    #refused = "";
    #paused = false;
    #held = 0; // changes while paused
    #arrivals = [];
    #drawing = 0;
    #bar = made("div", "bar");
    #word = made("span");
    #button = made("button", "", "Pause");
    #list = made("ol");
    #empty = made("p", "empty", "Connecting…");

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      this.#button.type = "button";
      this.#button.setAttribute("aria-pressed", "false");
      this.#list.setAttribute("role", "list");
      this.#list.setAttribute("aria-live", "off"); // a ticker must not talk over its reader
      this.#bar.append(this.#word, this.#button);
      this.#bar.part = "bar";
      root.append(this.#bar, this.#list, this.#empty);
      this.#button.addEventListener("click", () => this.#pause(!this.#paused));
      this.#list.addEventListener("click", (event) => this.#select(event));
    }

    connectedCallback() {
      this.#open(true);
      this.#every(5000, () => this.#tell());
    }

    disconnectedCallback() {
      this.#stream?.close();
      this.#stream = null;
      cancelAnimationFrame(this.#drawing);
      this.#drawing = 0;
      for (const timer of this.#timers) clearInterval(timer);
      this.#timers.clear();
    }

    attributeChangedCallback(name, before, after) {
      if (!this.isConnected || before === after) return;
      if (name === "selected") this.#mark();
      else if (name === "tz") {
        for (const held of this.#rows.values()) held.element = null;
        this.#draw();
      } else this.#open(true);
    }

    get #limit() {
      const given = Number.parseInt(this.getAttribute("limit") || "10", 10);
      return given > 0 ? Math.min(given, 1000) : 10;
    }

    // fresh: forget the rows and ask for a snapshot; else go on after the last id.
    #open(fresh) {
      this.#stream?.close();
      if (fresh) {
        this.#rows.clear();
        this.#seen = "";
        this.#arrivals = [];
        this.#held = 0;
        this.#refused = "";
        this.#status("connecting");
        this.#draw();
      }
      const address = new URL("stream", new URL(this.getAttribute("gateway") || HOME, HOME).href.replace(/\/*$/, "/"));
      for (const name of ["category", "ticker", "language", "source"]) {
        const value = (this.getAttribute(name) || "").trim();
        if (value) address.searchParams.set(name, value);
      }
      address.searchParams.set("limit", this.#limit + SPARE);
      if (this.#seen) address.searchParams.set("lastEventId", this.#seen);
      const stream = (this.#stream = new EventSource(address));
      const on = (name, act) => stream.addEventListener(name, (event) => {
        if (stream !== this.#stream) return;
        this.#seen = event.lastEventId || this.#seen;
        act(JSON.parse(event.data));
        this.#draw();
      });
      stream.onopen = () => {
        this.#wait = 0;
        this.#refused = "";
        this.#status("live");
      };
      stream.onerror = () => {
        if (stream !== this.#stream) return;
        this.#status("away");
        this.#draw();
        // The browser tries again by itself unless it was refused (503 while the gateway starts, 400).
        if (stream.readyState === EventSource.CLOSED) this.#again(address);
      };
      on("reset", ({ rows }) => {
        this.#rows.clear();
        this.#snapshot = rows;
      });
      on("item", (row) => this.#put(row));
      on("withdrawn", ({ uri, reason }) => {
        if (this.#rows.delete(uri)) this.#held++;
        if (reason === "withdrawn") this.#emit("news-change", { uri });
      });
    }

    async #again(address) {
      this.#wait = Math.min(Math.max(1000, this.#wait * 2), LONGEST_WAIT);
      const wait = this.#wait * (0.75 + Math.random() / 2);
      const stream = this.#stream;
      try {
        const asked = new URL(address);
        asked.pathname = asked.pathname.replace(/stream$/, "latest");
        asked.searchParams.delete("lastEventId");
        asked.searchParams.set("limit", "1");
        const answer = await fetch(asked);
        this.#refused = answer.status === 400 ? (await answer.text()).trim() : "";
        this.#draw();
        if (this.#refused) return; // until an attribute changes
      } catch { /* not reachable: said already */ }
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (stream === this.#stream) this.#open(false);
      }, wait);
      this.#timers.add(timer);
    }

    #put(row) {
      const live = this.#snapshot === 0;
      if (live) {
        this.#arrivals.push(Date.now());
        this.#held++;
      } else this.#snapshot--;
      const changed = this.#rows.has(row.uri);
      this.#rows.delete(row.uri);
      this.#rows.set(row.uri, { row, order: this.#order++, element: null, fresh: live ? Date.now() : 0 });
      if (this.#rows.size > 2 * (this.#limit + SPARE)) {
        for (const { row: old } of this.#sorted().slice(this.#limit + SPARE)) this.#rows.delete(old.uri);
      }
      if (changed) this.#emit("news-change", { uri: row.uri });
    }

    // Newest first by the second of the wire's time, then by arrival, as the gateway has them.
    #sorted() {
      const second = ({ row }) => row.time.slice(0, 19);
      return [...this.#rows.values()].sort((a, b) =>
        second(a) === second(b) ? b.order - a.order : second(a) < second(b) ? 1 : -1);
    }

    #draw() {
      this.#drawing ||= requestAnimationFrame(() => {
        this.#drawing = 0;
        if (!this.#paused) this.#render();
        this.#words();
        this.#tell();
      });
    }

    #render() {
      const wanted = [];
      let day = new Intl.DateTimeFormat("en-CA", this.#zoned({ dateStyle: "short" })).format(new Date());
      for (const held of this.#sorted().slice(0, this.#limit)) {
        const time = new Date(held.row.time);
        if (!Number.isNaN(time.getTime())) {
          const its = new Intl.DateTimeFormat("en-CA", this.#zoned({ dateStyle: "short" })).format(time);
          if (its !== day) wanted.push(this.#day(time, its));
          day = its;
        }
        held.element ||= this.#element(held, time);
        wanted.push(held.element);
      }
      const keep = new Set(wanted);
      for (const child of [...this.#list.children]) if (!keep.has(child)) child.remove();
      wanted.forEach((element, index) => {
        // Only what moves is moved, so that the row with the focus keeps it.
        if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] || null);
      });
      this.#held = 0;
      this.#mark();
    }

    // The row that the page shows.
    #mark() {
      const selected = this.getAttribute("selected");
      for (const link of this.#list.querySelectorAll("a")) {
        if (selected && link.dataset.uri === selected) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
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

    #element({ row, fresh }, time) {
      const item = made("li", fresh && Date.now() - fresh < NEW_MS ? "new" : "");
      const link = made("a");
      link.href = web(row.url) || new URL(`#/latest/${encodeURIComponent(row.uri)}`, HOME).href;
      link.rel = "noopener noreferrer";
      link.target = "_blank";
      link.dataset.uri = row.uri;
      const clock = made("time", "", this.#clock(time));
      clock.dateTime = row.time;
      if (!Number.isNaN(time.getTime())) {
        clock.title = new Intl.DateTimeFormat(undefined, this.#zoned({ dateStyle: "full", timeStyle: "long" })).format(time);
      }
      const headline = made("span", "headline", row.headline); // text, never markup
      headline.dir = "auto";
      if (row.language) headline.lang = row.language;
      if (row.status === "corrected") headline.append(made("span", "badge", "corrected"));
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

    // The zone of `tz`, else the reader's.
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

    #words() {
      const ticker = (this.getAttribute("ticker") || "").trim();
      this.#empty.hidden = this.#list.children.length > 0;
      this.#empty.textContent =
        this.#refused ? this.#refused :
        this.#state === "away" ? "The news cannot be reached. Trying again…" :
        this.#state === "connecting" ? "Connecting…" :
        ticker ? `No news of ${ticker.toUpperCase()} yet. It will appear here.` : "No news here yet. It will appear here as it comes.";
      this.#word.textContent =
        this.#paused ? (this.#held ? `paused, ${this.#held} new` : "paused") :
        this.#state === "away" && this.#list.children.length ? "reconnecting…" : "";
      const category = (this.getAttribute("category") || "latest").split(".").pop().replaceAll("-", " ");
      this.#list.setAttribute("aria-label", `News: ${category}`);
    }

    #pause(paused) {
      this.#paused = paused;
      this.#button.setAttribute("aria-pressed", String(paused));
      this.#button.textContent = paused ? "Resume" : "Pause";
      this.#draw();
    }

    #select(event) {
      const link = event.target.closest("a");
      if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const row = this.#rows.get(link.dataset.uri)?.row;
      if (row && !this.#emit("news-select", row)) event.preventDefault();
    }

    #status(state) {
      this.#state = state;
      this.#draw();
    }

    #tell() {
      const now = Date.now();
      this.#arrivals = this.#arrivals.filter((each) => now - each < 60000);
      const newest = this.#sorted()[0]?.row.time;
      this.#emit("news-status", {
        state: this.#state,
        paused: this.#paused,
        newest: newest ? this.#clock(new Date(newest)) : "",
        perMinute: this.#arrivals.length,
      });
    }

    #every(ms, act) {
      this.#timers.add(setInterval(act, ms));
    }

    #emit(name, detail) {
      return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
    }
  }

  customElements.define("news-ticker", NewsTicker);
})();
