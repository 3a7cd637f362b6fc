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

/** Everything in a drop. Entries and files must be asked for before the event ends. */
export function dropped(transfer) {
  const items = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry?.(), plain: item.getAsFile() }));
  return (async () => {
    const found = [];
    for (const { entry, plain } of items) {
      if (entry) for await (const one of walk(entry, "")) found.push(one);
      else if (plain) found.push({ name: plain.name, file: plain });
    }
    return found;
  })();
}

/** Everything in an input. */
export function chosen(input) {
  return [...input.files].map((one) => ({ name: one.webkitRelativePath || one.name, file: one }));
}
