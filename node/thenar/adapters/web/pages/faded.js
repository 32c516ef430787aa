const HALVINGS = 13;

// What is left of coverage after some time: halved in every half-life, straight between, nothing after thirteen.
export function faded(amount, age, half) {
  if (!half) return amount;
  const halvings = Math.floor(Math.max(0, age) / half);
  return halvings >= HALVINGS ? 0 : (Math.floor(amount / 2 ** halvings) * (2 * half - (Math.max(0, age) % half))) / (2 * half);
}
