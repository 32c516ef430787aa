// Elements from values. Text is always text: nothing a stranger wrote on chain becomes markup.
const SVG = 'http://www.w3.org/2000/svg';

export function el(name, traits = {}, ...inside) {
  const [tag, ...classes] = name.split('.');
  return dress(document.createElement(tag || 'div'), classes, traits, inside);
}

export function svg(name, traits = {}, ...inside) {
  const [tag, ...classes] = name.split('.');
  return dress(document.createElementNS(SVG, tag), classes, traits, inside);
}

function dress(element, classes, traits, inside) {
  if (classes.length) element.setAttribute('class', classes.join(' '));
  for (const [key, value] of Object.entries(traits)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...inside.flat().filter((part) => part !== null && part !== undefined));
  return element;
}

export const short = (id) => (id && id.length > 14 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id || '–');
export const code = (id) => el('code', { title: id }, short(id));
// A sentence whose long ids are shortened; the whole of it is told to whoever rests on it.
export const brief = (text) => el('span', { title: text }, text.replace(/(0x)?[0-9a-f]{40,}/gi, (id) => short(id)));
export const moment = (seconds) => (seconds > 0 && seconds < 4e9 ? new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '–');

export function table(caption, heads, rows) {
  if (!rows.length) return el('p.quiet', {}, `${caption}: none yet.`);
  const head = el('tr', {}, heads.map((title) => el(title.endsWith('#') ? 'th.number' : 'th', { scope: 'col' }, title.replace('#', ''))));
  const body = rows.map((row) => el('tr', {}, row.map((cell, at) => el(heads[at].endsWith('#') ? 'td.number' : 'td', {}, cell ?? '–'))));
  const made = el('table', {}, el('caption', {}, caption), el('thead', {}, head), el('tbody', {}, body));
  return el('.scroll', { tabindex: '0', role: 'region', 'aria-label': caption }, made);
}

export function card(title, big, small, mood = '') {
  return el('li.card', {}, el('h2', {}, title), el(`div.big${mood ? `.${mood}` : ''}`, {}, big), el('small', {}, small ?? ''));
}

export function facts(pairs) {
  return el('dl', {}, pairs.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value ?? '–')]));
}

export function trouble(cause) {
  return el('.told.bad', { role: 'alert' }, el('strong', {}, cause.message), cause.nextStep ? ` – ${cause.nextStep}` : '');
}

// A button that asks once more, runs a command, shows how far it is, and what came of it.
export function deed(label, sentence, run, kind = '') {
  const told = el('div', { 'aria-live': 'polite' });
  const start = el(`button${kind}`, { type: 'button', onclick: () => ask() }, label);
  function ask() {
    const yes = el('button', { type: 'button', onclick: go }, `Yes, ${label.toLowerCase()}`);
    const no = el('button.plain', { type: 'button', onclick: () => told.replaceChildren() }, 'No');
    try {
      told.replaceChildren(el('.told', {}, el('p', {}, typeof sentence === 'function' ? sentence() : sentence), yes, ' ', no));
      yes.focus();
    } catch (cause) {
      told.replaceChildren(trouble(cause)); // what was filled in cannot be
    }
  }
  async function go() {
    start.disabled = true;
    const bar = el('progress', { 'aria-label': label });
    const line = el('p', {}, 'asking the node …');
    told.replaceChildren(el('.told', {}, line, bar));
    try {
      const done = await run((progress) => {
        line.textContent = progress.label ?? '';
        if (progress.total) { bar.max = progress.total; bar.value = progress.done; } else bar.removeAttribute('value');
      });
      const again = el('button.plain', { type: 'button', onclick: () => dispatchEvent(new Event('look-again')) }, 'Look again');
      told.replaceChildren(el('.told', { role: 'status' }, el('p', {}, done), again));
    } catch (cause) {
      told.replaceChildren(trouble(cause));
    }
    start.disabled = false;
  }
  return el('.deed', {}, start, told);
}

// A labelled field; what it holds is its `value`.
export function field(label, input, hint = '') {
  return el('label', {}, label, input, hint ? el('small', {}, hint) : null);
}
