// Elements that outlive a redraw of their page: a map stays where it was moved to, a cloud is not built twice.
const kept = new Map();

export function keep(name, make) {
  if (!kept.has(name)) {
    const made = Promise.resolve(make());
    kept.set(name, made);
    made.catch(() => kept.delete(name));
  }
  return kept.get(name);
}

export const has = (name) => kept.has(name);
export const forget = () => kept.clear();
