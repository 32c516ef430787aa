import { read } from './door.js';
import { el, facts, trouble } from './draw.js';
import { said } from './ink.js';

// What its owner published of an asset, and on request the recording itself where this node may open it.
export async function look(id) {
  let item;
  try {
    ({ item } = await read(`/v1/looks/${encodeURIComponent(id)}`));
  } catch (cause) {
    return el('p.quiet', {}, `Nothing can be shown now: ${cause.message}.`);
  }
  const { sketch, shell } = item;
  const parts = [sketch ? card(sketch) : el('p.quiet', {}, 'Nobody who holds it tells about it now.')];
  if (shell) parts.push(await (await import('./cloud.js')).cloud(`What was published: ${said(shell.cubes)} cubes of ${shell.edge_mm} mm, no finer`, shell));
  if (sketch?.preview) parts.push((await import('./touch.js')).card(sketch.preview));
  parts.push(item.opens && sketch?.kind === 'capture' ? opening(id) : el('p.quiet', {}, item.opens ? '' : `This is the preview: ${item.why}.`));
  return el('section', {}, parts);
}

function card(sketch) {
  const about = [['What', `${sketch.kind}: ${sketch.what}`], ['Size', `${(sketch.bytes / 1e6).toFixed(2)} MB`], ['License', sketch.license]];
  if (sketch.place_class) about.push(['Place', sketch.place_class.replaceAll('_', ' ')]);
  if (sketch.milliseconds) about.push(['Lasts', `${(sketch.milliseconds / 1000).toFixed(1)} s`]);
  for (const one of sketch.shown) about.push([one.name, `${one.sensors} × ${one.axes}, ${one.samples.toLocaleString()} readings${one.rate_mhz ? `, ${one.rate_mhz / 1000} Hz` : ''}, ${one.units}`]);
  return el('.card', {}, facts(about));
}

function opening(id) {
  const shown = el('div', { 'aria-live': 'polite' });
  const open = el('button', { type: 'button' }, 'Open the recording here');
  open.addEventListener('click', async () => {
    open.disabled = true;
    shown.replaceChildren(el('p.told', {}, 'The node opens and reads it …'));
    try {
      const { item } = await read(`/v1/contents/${encodeURIComponent(id)}`);
      shown.replaceChildren(...await drawn(item));
      open.remove();
    } catch (cause) {
      shown.replaceChildren(trouble(cause));
      open.disabled = false;
    }
  });
  return el('section', {}, el('p.quiet', {}, 'This account owns it or holds a license: the recording is decrypted for this page and nowhere else.'), open, shown);
}

async function drawn(item) {
  const parts = item.notes.map((note) => el('p.quiet', {}, note));
  if (item.cloud) {
    const [wide, deep, high] = item.cloud.size_mm.map((edge) => (edge / 1000).toFixed(1));
    const title = `${said(item.cloud.points)} points${item.cloud.shown < item.cloud.points ? `, ${said(item.cloud.shown)} of them drawn` : ''}; ${wide} × ${deep} × ${high} m`;
    parts.push(await (await import('./cloud.js')).cloud(title, item.cloud));
  }
  if (item.streams.length) {
    const { stream } = await import('./touch.js');
    parts.push(...item.streams.map(stream));
  }
  return parts;
}
