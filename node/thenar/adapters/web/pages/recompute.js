// The formulas behind earnings, with whole numbers: what the node says, worked out again by whoever reads it.
const BP = 10_000n;

const worths = (price, target, covered) => (covered >= target ? 0n
  : (price * (target - covered) ** 2n * (target ** 2n + 2n * (target - covered) ** 2n)) / (2n * target ** 3n * BP));

function reward(n) {
  const rate = n.budget / (n.all_scores > n.least ? n.all_scores : n.least);
  return n.score * ((rate * n.at_once_bp) / BP + n.tranches_free * ((rate * n.tranche_bp) / BP));
}

const WAYS = [
  [['score', 'budget', 'all_scores', 'least', 'at_once_bp', 'tranche_bp', 'tranches_free'], reward, 'equal'],
  [['price', 'target', 'before', 'covered'], (n) => worths(n.price, n.target, n.before) - worths(n.price, n.target, n.covered), 'at most'],
  [['audit_price', 'drawn_units'], (n) => n.audit_price * n.drawn_units, 'at most'],
  [['units', 'price'], (n) => n.units * n.price, 'equal'],
  [['bond', 'eighths'], (n) => (n.bond / 8n) * n.eighths, 'equal'],
  [['lost', 'auditors_half'], (n) => n.lost - n.auditors_half, 'equal'],
  [['lost'], (n) => n.lost / 2n, 'equal'],
  [['redeemed', 'redeemed_before', 'to_model'], (n) => n.redeemed - n.redeemed_before - n.to_model, 'equal'],
  [['debt', 'debt_paid_before'], (n) => n.debt - n.debt_paid_before, 'equal'],
  [['used', 'burnt'], (n) => n.used - n.burnt, 'equal'],
  ...['bond', 'fee', 'taken', 'price', 'fine'].map((name) => [[name], (n) => n[name], 'equal']),
];

// What an earning comes to by its own numbers and whether that is what was paid; null where the chain alone can say.
export function recompute({ numbers, units }) {
  const way = WAYS.find(([names]) => names.every((name) => name in numbers));
  if (!way || numbers.collected || (numbers.audit_price && !numbers.drawn_units)) return null; // until when time ran, the chain alone says
  const n = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, BigInt(value)]));
  const found = way[1](n);
  const paid = BigInt(units);
  return { found, agrees: way[2] === 'equal' ? paid === found : paid <= found, capped: way[2] === 'at most' && paid < found };
}
