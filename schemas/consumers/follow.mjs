// Keeps the stories of a gateway's live stream in a table, and yields each change of it. Node 18 or newer, no packages.
//
//     node follow.mjs http://127.0.0.1:8080 category=companies stories.json
//
// or, in a program:
//
//     for await (const change of follow("http://127.0.0.1:8080", "category=companies", store)) ...
//
// - `store` is { id, rows }: the id of the last event, and the rows by uri. Keep both together, and a program that was
//   away goes on where it was.
// - An event `item` is the whole row as it now stands; `withdrawn` takes it away, because the story was withdrawn or
//   because it moved out of what was asked for. `reset` begins a fresh snapshot: rows that are not in it are gone.
// - A repeat changes nothing: its version is not newer than the one in the store.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const PAUSE_MS = 1000;

export async function* follow(gateway, query, store) {
  for (;;) {
    try {
      const headers = store.id ? { "Last-Event-ID": store.id } : {};
      const answer = await fetch(`${gateway}/stream?${query}`, { headers });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      let snapshot = null; // the rows that a reset still brings, and those that it has brought
      let last = store.id;
      for await (const { event, data, id } of readEvents(answer.body)) {
        if (event === "reset") snapshot = { left: data.rows, uris: new Set() };
        const change = take(store.rows, event, data);
        if (snapshot && event === "item") {
          snapshot.left -= 1;
          snapshot.uris.add(data.uri);
        }
        if (id) last = id;
        if (!snapshot) store.id = last; // who breaks off within a snapshot begins a new one
        if (change) yield change;
        if (snapshot && snapshot.left <= 0) {
          yield* removeAllBut(store.rows, snapshot.uris);
          snapshot = null;
          store.id = last;
        }
      }
    } catch (error) {
      console.error(`${error.message}; trying again`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function take(rows, event, data) {
  const known = rows[data.uri];
  if (event === "item") {
    if (known && Number(data.version) <= Number(known.version)) return null;
    rows[data.uri] = data;
    return { kind: known ? "changed" : "added", uri: data.uri, version: data.version, row: data };
  }
  if (event === "withdrawn" && known) {
    delete rows[data.uri];
    return { kind: data.reason === "left" ? "moved" : "withdrawn", uri: data.uri, version: data.version, row: null };
  }
  return null;
}

function* removeAllBut(rows, uris) {
  for (const uri of Object.keys(rows).filter((each) => !uris.has(each))) {
    const { version } = rows[uri];
    delete rows[uri];
    yield { kind: "moved", uri, version, row: null };
  }
}

async function* readEvents(body) {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = { event: "", data: "null", id: "" };
      for (const line of text.slice(0, end).split("\n")) {
        const [, name, value] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
        if (name in fields) fields[name] = value;
      }
      text = text.slice(end + 2);
      yield { event: fields.event, data: JSON.parse(fields.data) ?? {}, id: fields.id };
    }
  }
}

function readStore(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return { id: "", rows: {} };
  }
}

function writeStore(path, store) {
  writeFileSync(`${path}.new`, JSON.stringify(store));
  renameSync(`${path}.new`, path);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [gateway, query, path] = process.argv.slice(2);
  const store = readStore(path);
  for await (const change of follow(gateway, query, store)) {
    writeStore(path, store);
    console.log(change.kind, `${change.uri}/${change.version}`);
  }
}
