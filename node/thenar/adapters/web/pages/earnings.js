import { command } from './door.js';
import { brief, card, code, deed, el, facts } from './draw.js';
import { recompute } from './recompute.js';
import { listing } from './rows.js';

export async function earnings() {
  const told = await command('earnings.show', {}, () => {});
  const how = el('section', { 'aria-live': 'polite' });
  const counts = Map.groupBy(told.list, (one) => one.source);
  return [
    el('h1', {}, 'Earnings'),
    el('p.lead', {}, 'Where every unit came from: the proof, the formula with its numbers, and the way anybody computes it again.'),
    el('ul.cards', {},
      card('Earned', told.earned, `settlement tokens; with ${told.returned} of its own, ${told.released} released by the Ledger`), card('Rewards', told.rewards, `${told.claimed} of them claimed`),
      card('Still to come', told.coming, 'freed by storage that is proved'), card('Entries', told.list.length.toLocaleString(), `from ${counts.size} sources`)),
    how,
    listing(`As of block ${told.block}, ${told.age_s} s ago`, ['Source', 'Amount#', 'Computed again', 'Proof', 'Block#', 'How'], told.list, (one) => [
      one.source, one.amount, verdict(one), one.proof.length > 44 ? el('span', { title: one.proof }, `${one.proof.slice(0, 42)}…`) : one.proof, String(one.block),
      el('button.plain', { type: 'button', onclick: () => { how.replaceChildren(explained(one)); how.scrollIntoView({ block: 'nearest' }); } }, 'How')]),
    listing('Its own money that came back', ['What', 'Amount#', 'Block#', 'Transaction'], told.back, (one) => [brief(one.what), one.amount, String(one.block), code(one.transaction)]),
  ];
}

function verdict(one) {
  const again = recompute(one);
  if (!again) return el('span.quiet', {}, 'by the chain');
  return again.agrees ? el('span.good', {}, again.capped ? '● within it' : '● equal') : el('span.bad', {}, '▲ differs');
}

function explained(one) {
  const again = recompute(one);
  const numbers = Object.entries(one.numbers).map(([name, value]) => [name.replaceAll('_', ' '), BigInt(value).toLocaleString()]);
  const sentence = !again ? 'This number needs more of the chain than it carries: the way below asks for it.'
    : again.agrees ? `Computed here just now: ${again.found.toLocaleString()} units${again.capped ? ', of which less was left' : ', the same to the unit'}.`
      : `Computed here just now: ${again.found.toLocaleString()} units. That is not what was paid; ask the node that told it.`;
  const epoch = one.epoch ? deed(`Compute epoch ${one.epoch} again`, 'The node builds the whole tree of that epoch from public facts and compares its root with the one on chain.', async (tell) => {
    const done = await command('epoch.verify', { epoch: one.epoch }, tell);
    return `The root is ${done.agrees ? 'the one on chain' : 'not the one on chain'}: ${done.root}`;
  }) : null;
  return el('.card', {}, el('h2', {}, `${one.source}: ${one.amount}`),
    facts([['Formula', el('code', {}, one.formula)], ...numbers, ['Comes to', el(again?.agrees === false ? 'span.bad' : 'span', {}, sentence)],
      ['Base units', BigInt(one.units).toLocaleString()], ['Proof', one.proof], ['Transaction', code(one.transaction)], ['Again', one.recompute.replaceAll('`', '')]]), epoch);
}
