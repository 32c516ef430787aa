import { all } from './door.js';
import { code, el, moment, table } from './draw.js';

export async function compute() {
  const [bounties, claims, services] = await Promise.all([all('bounties'), all('claims'), all('services')]);
  return [
    el('h1', {}, 'Computing'),
    el('p.lead', {}, 'Work for strangers’ machines, checked by other strangers, and nodes that answer robots nearby.'),
    table('Jobs', ['Job', 'Done', 'Units#', 'Price a unit#', 'Paid#', 'Budget#', 'Until'], bounties.map((item) => [
      String(item.bounty), el('progress', { max: item.units, value: item.done, 'aria-label': `${item.done} of ${item.units} units of job ${item.bounty}` }),
      `${item.done} / ${item.units}`, item.price, item.paid, item.budget, moment(item.deadline)])),
    el('h2', {}, 'Claims'),
    table('Who works on what', ['Claim', 'Job', 'Worker', 'Units', 'Stage', 'Audit', 'Paid#', 'Lost#'], claims.map((item) => [
      String(item.claim), String(item.bounty), code(item.worker), `${item.first}…${item.first + item.count - 1}`,
      item.stage === 'slashed' ? el('span.bad', {}, '▲ slashed') : item.stage, item.audit, item.paid, item.lost])),
    el('h2', {}, 'Nodes that answer'),
    table('Services with stake behind them', ['Node', 'Model', 'Price of 1,000#', 'Share of the model#', 'Stake#', 'Takes channels'], services.map((item) => [
      code(item.node), code(item.model), item.price, item.share, item.stake, item.runs ? 'yes' : 'no'])),
  ];
}
