// Files with their paths, from a drop of files and folders or from an input.

const read = (reader) => new Promise((done, fail) => reader.readEntries(done, fail));
const file = (entry) => new Promise((done, fail) => entry.file(done, fail));

async function* walk(entry, path) {
  const name = path ? `${path}/${entry.name}` : entry.name;
  if (entry.isFile) {
    yield { name, file: await file(entry) };
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await read(reader); // at most a hundred at a time
    if (!some.length) return;
    for (const one of some) yield* walk(one, name);
  }
}

/** Everything in a drop. The entries must be asked for before the event ends. */
export function dropped(transfer) {
  const entries = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry());
  return (async () => {
    const found = [];
    for (const entry of entries) {
      if (entry) for await (const one of walk(entry, "")) found.push(one);
    }
    return found;
  })();
}

/** Everything in an input. */
export function chosen(input) {
  return [...input.files].map((one) => ({ name: one.webkitRelativePath || one.name, file: one }));
}
