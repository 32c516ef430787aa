import { curve } from './chart.js';
import { all, command } from './door.js';
import { card, code, deed, el, facts, moment } from './draw.js';
import { colour, redrawn, sheet } from './ink.js';
import { keep } from './keep.js';
import { listing } from './rows.js';

const MOODS = { finalized: 'good', slashed: 'bad', expired: 'bad', voided: 'bad' };

export async function compute() {
  const [bounties, claims, services, own] = await Promise.all([all('bounties'), all('claims'), all('services'), command('work.status', {}, () => {})]);
  const open = bounties.filter((item) => item.open_units && !item.closed);
  return [
    el('h1', {}, 'Computing'),
    el('p.lead', {}, 'Work for strangers’ machines, checked by other strangers, and nodes that answer robots nearby.'),
    el('ul.cards', {}, card('Open jobs', String(open.length), `of ${bounties.length} posted`),
      card('Units done', bounties.reduce((sum, item) => sum + item.done, 0).toLocaleString(), `of ${bounties.reduce((sum, item) => sum + item.units, 0).toLocaleString()}`),
      card('Under audit', String(claims.filter((item) => item.auditor && item.stage !== 'finalized').length), `of ${claims.length} claims`),
      card('Disputed', String(claims.filter((item) => item.dispute).length), `${claims.filter((item) => item.stage === 'slashed').length} slashed`)),
    await keep('post', posting),
    listing('Jobs', ['Job', 'Done', 'Units#', 'Price a unit#', 'Paid#', 'Budget#', 'Until'], bounties, (item) => [
      el('a', { href: `#/job/${item.bounty}` }, `Job ${item.bounty}`), el('progress', { max: item.units, value: item.done, 'aria-label': `${item.done} of ${item.units} units of job ${item.bounty}` }),
      `${item.done} / ${item.units}`, item.price, item.paid, item.budget, moment(item.deadline)]),
    machine(own),
    el('h2', {}, 'Claims'),
    listing('Who works on what', ['Claim', 'Job', 'Worker', 'Units', 'Stage', 'Audit', 'Paid#', 'Lost#'], claims, (item) => [
      String(item.claim), el('a', { href: `#/job/${item.bounty}` }, `Job ${item.bounty}`), code(item.worker), `${item.first}…${item.first + item.count - 1}`, stage(item.stage), item.audit, item.paid, item.lost]),
    el('h2', {}, 'Nodes that answer'),
    listing('Services with stake behind them', ['Node', 'Model', 'Price of 1,000#', 'Share of the model#', 'Stake#', 'Takes channels'], services, (item) => [
      code(item.node), code(item.model), item.price, item.share, item.stake, item.runs ? 'yes' : 'no']),
  ];
}

// What this machine lends, and the segments it is at.
function machine(own) {
  const lent = own.enabled ? `${own.cores} ${own.cores === 1 ? 'core is' : 'cores are'} lent, in ${own.classes.map((one) => one.class).join(', ')}` : ['It is not lent: ', el('code', {}, 'thenar work enable'), ' lends it.'];
  const sum = `${own.units_done} units done, ${own.audits_done} audited; ${own.earned} earned, ${own.lost} lost.`;
  return el('section', {}, el('h2', {}, 'This machine'), el('.card', {}, el('p', {}, lent), el('p.quiet', {}, sum),
    own.running.map((one) => el('p', {}, `Unit ${one.unit}: ${one.segments} of ${one.of} segments`, el('progress', { max: one.of, value: one.segments, 'aria-label': `Segments of unit ${one.unit}` }))),
    own.refused.slice(0, 3).map((one) => el('p.quiet', {}, `Job ${one.bounty} is not taken: ${one.reason}.`))));
}

// One job: its units as they stand, segments and audits, money, and each claim.
export async function job({ id }) {
  const [told, { items }] = await Promise.all([command('job.show', { bounty: Number(id) }, () => {}), one(id)]);
  const asked = items[0] ?? {};
  const units = el('canvas.units', { role: 'img', 'aria-label': `${told.done} of ${told.units} units are done, ${told.open} open` });
  redrawn(units, () => strip(units, told));
  return [
    el('h1', {}, `Job ${id}`),
    el('p.lead', {}, `${told.class}, asked for by `, code(told.requester), '.'),
    el('ul.cards', {},
      card('Units done', `${told.done} / ${told.units}`, `${told.open} open`), card('Segments a unit', String(asked.segments ?? '–'), 'each can be run again by itself'),
      card('Verified steps', (told.verified_steps ?? 0).toLocaleString(), told.verified_steps_per_second ? `${told.verified_steps_per_second.toLocaleString()} a second` : 'none yet'),
      card('Locked', told.locked, `${told.paid} paid`)),
    el('figure.card', {}, el('figcaption', {}, 'Units: ', el('span.good', {}, '■ done'), ' ', el('span.run', {}, '■ at work or under audit'), ' ', el('span.bad', {}, '■ lost'), ' ', el('span.quiet', {}, '□ open')), units),
    el('.card', {}, facts([['Spec', el('code', {}, told.spec)], ['Ends', typeof told.ends === 'number' ? moment(told.ends) : told.ends], ['Audited from', told.audited_from],
      ['Price a unit', told.price], ['To workers', told.paid_to_workers], ['To auditors', told.paid_to_auditors], ['To the input', told.paid_to_input], ['Back', told.refunded],
      ['Result', told.result ? el('a', { href: `#/asset/${told.result}` }, el('code', {}, told.result)) : 'not minted']])),
    el('h2', {}, 'Claims, audits, disputes'),
    listing('Each from the claim to its end', ['Claim', 'Worker', 'Units', 'Stage', 'Audit', 'Auditor', 'Dispute', 'Paid#', 'Lost#'], told.claims, (item) => [
      String(item.claim), code(item.worker), item.units.replace('..', '…'), stage(item.stage), item.audit, item.auditor ? code(item.auditor) : '–', item.dispute ?? '–', item.paid, item.lost]),
  ];
}

async function one(id) {
  const items = await all('bounties');
  return { items: items.filter((item) => String(item.bounty) === id) };
}

const stage = (name) => (MOODS[name] === 'bad' ? el('span.bad', {}, `▲ ${name}`) : MOODS[name] ? el('span.good', {}, `● ${name}`) : name);

function strip(canvas, told) {
  const found = sheet(canvas);
  if (!found) return;
  const { pen, width, height } = found;
  const across = Math.ceil(Math.sqrt((told.units * width) / height));
  const size = Math.min(22, width / across, height / Math.ceil(told.units / across));
  const line = Math.max(1, Math.floor(width / size));
  const box = (unit) => pen.rect((unit % line) * size + 0.5, Math.floor(unit / line) * size + 0.5, Math.max(1, size - 2), Math.max(1, size - 2));
  pen.strokeStyle = colour('line');
  pen.beginPath();
  for (let unit = 0; unit < told.units; unit += 1) box(unit);
  pen.stroke();
  for (const claim of told.claims) {
    const [first, last] = claim.units.split('..').map(Number);
    pen.fillStyle = colour(MOODS[claim.stage] ?? 'run');
    pen.beginPath();
    for (let unit = first; unit <= last; unit += 1) box(unit);
    pen.fill();
  }
}

// Post a job, or train a policy over rounds: the files lie on the node's machine, so a page names them.
function posting() {
  const field = (name, label, traits = {}) => el('label', { for: name }, label, el('input', { id: name, autocomplete: 'off', spellcheck: 'false', ...traits }));
  const form = el('form', { onsubmit: (event) => event.preventDefault() }, field('job-path', 'Job file on the node’s machine', { placeholder: '/home/you/push/job.toml' }),
    field('job-price', 'Price a unit', { placeholder: 'as the file says', inputmode: 'decimal' }), field('job-units', 'Units', { placeholder: 'as the file says', inputmode: 'numeric' }),
    field('job-into', 'Folder for the policy, to train', { placeholder: '/home/you/policy' }), field('job-rounds', 'Rounds', { value: '5', inputmode: 'numeric' }));
  const value = (name) => form.querySelector(`#${name}`).value.trim();
  const body = () => Object.fromEntries(Object.entries({ path: value('job-path'), price: value('job-price'), request: crypto.randomUUID() }).filter(([, text]) => text));
  const drawn = el('.drawn');
  const post = deed('Post the job', 'The job’s files are stored and the money for every unit is locked until it is done or the deadline brings it back.', async (tell) => {
    const units = value('job-units') ? { units: Number(value('job-units')) } : {};
    const done = await command('job.post', { ...body(), ...units }, tell);
    return el('span', {}, 'Posted: ', el('a', { href: `#/job/${done.bounty}` }, `job ${done.bounty}`), `, ${done.units} units, ${done.locked} locked.`);
  });
  const train = deed('Train a policy', 'Each round is a job of its own, posted and paid when the one before is done. Asked again, it goes on where it was.', async (tell) => {
    const line = curve('Learning: mean return of each round', 'round');
    drawn.replaceChildren(line.figure);
    const seen = new Set();
    const told = (progress) => {
      const found = /mean return (-?[\d.]+)/.exec(progress.label ?? '');
      if (found && !seen.has(progress.done)) { seen.add(progress.done); line.add([progress.done, Number(found[1])]); }
      tell(progress);
    };
    const done = await command('job.train', { ...body(), into: value('job-into'), rounds: Number(value('job-rounds')) }, told);
    done.curve.filter((row) => !seen.has(row.round)).forEach((row) => line.add([row.round, row.mean_return]));
    return `The policy is in ${done.policy}.`;
  });
  return el('details.card', {}, el('summary', {}, 'Post a job, or train a policy'), form, el('.pair', {}, post, train), drawn);
}
