import { all, command } from './door.js';
import { card, code, deed, el, short } from './draw.js';
import { listing } from './rows.js';

export async function money({ me }) {
  const [mine, everybody, sales] = await Promise.all([all('income', { owner: me }), all('income'), all('sales')]);
  const due = mine.filter((item) => Number(item.own_due) > 0);
  return [
    el('h1', {}, 'Money'),
    el('p.lead', {}, 'Who is paid for what, down to the capture. Every number is the chain’s and can be asked again by anybody.'),
    el('ul.cards', {},
      card('Assets of mine with income', String(mine.length), `of ${everybody.length}`),
      card('Of which something is due', String(due.length), 'not claimed yet'),
      card('Sales settled', String(sales.filter((sale) => sale.stage === 'settled').length), `of ${sales.length} opened`)),
    deed('Claim what is mine', 'This brings in everything owed to this account, in as few transactions as it takes.', async (tell) => {
      const done = await command('revenue.claim', { request: crypto.randomUUID() }, tell);
      return `${done.total} came in: ${done.own} as owner, ${done.leaves} as contributor, ${done.licenses} from licenses with an end.`;
    }),
    listing('Income of every asset', ['Asset', 'Owner', 'Received#', 'Its own#', 'Due to the owner#', 'Claimed#', 'Parents#'], everybody, (item) => [
      el('a', { href: `#/asset/${item.asset}` }, short(item.asset)), code(item.owner), item.received, item.own, item.own_due, item.claimed, String(item.parents.length)]),
  ];
}
