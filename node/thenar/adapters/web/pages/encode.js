// Calldata from values, by the shapes in calls.js. What does not fit its type is refused, never cut or padded.
import { CALLS, REFUSALS } from './calls.js';

export class Unfit extends Error {}

export function calldata(contract, name, values) {
  const [selector, inputs] = CALLS[contract][name];
  return selector + tuple(inputs, values, name);
}

// What a contract said no with, in words: `LicenseDesk_PriceAbove` as "LicenseDesk: price above".
export function refusal(data) {
  const name = REFUSALS[(data ?? '').slice(0, 10)];
  if (!name) return null;
  const [contract, why] = name.includes('_') ? name.split('_') : ['token', name];
  return `${contract}: ${why.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}`;
}

function tuple(shapes, values, where) {
  if (Array.isArray(values) && values.length !== shapes.length) throw new Unfit(`${where} has ${shapes.length} values, not ${values.length}`);
  let head = '';
  let tail = '';
  const heads = shapes.reduce((sum, shape) => sum + (isDynamic(shape) ? 32 : sizeOf(shape)), 0);
  shapes.forEach((shape, at) => {
    const value = Array.isArray(values) ? values[at] : values?.[shape[0]];
    if (value === undefined || value === null) throw new Unfit(`${where} lacks ${shape[0]}`);
    const coded = one(shape, value, `${where}.${shape[0]}`);
    if (isDynamic(shape)) {
      head += number(BigInt(heads + tail.length / 2), 256, where);
      tail += coded;
    } else head += coded;
  });
  return head + tail;
}

function one([name, type, parts], value, where) {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) throw new Unfit(`${where} is no list`);
    const inner = value.map((_, at) => [String(at), type.slice(0, -2), parts]);
    return number(BigInt(value.length), 256, where) + tuple(inner, value, where);
  }
  if (type === 'tuple') return tuple(parts, value, where);
  if (type === 'bytes') {
    const digits = hex(value, where);
    return number(BigInt(digits.length / 2), 256, where) + digits.padEnd(Math.ceil(digits.length / 64) * 64, '0');
  }
  if (type === 'bool') {
    if (typeof value !== 'boolean') throw new Unfit(`${where} is no truth value`);
    return number(value ? 1n : 0n, 8, where);
  }
  if (type === 'address') return hex(value, where, 20).padStart(64, '0');
  const fixed = type.match(/^bytes(\d+)$/);
  if (fixed) return hex(value, where, Number(fixed[1])).padEnd(64, '0');
  const bits = type.match(/^uint(\d+)$/);
  if (bits) return number(value, Number(bits[1]), where);
  throw new Unfit(`${where}: nothing here encodes ${type} (${name})`);
}

function isDynamic([, type, parts]) {
  return type === 'bytes' || type.endsWith('[]') || (type === 'tuple' && parts.some(isDynamic));
}

const sizeOf = ([, type, parts]) => (type === 'tuple' ? parts.reduce((sum, part) => sum + sizeOf(part), 0) : 32);

function hex(value, where, bytes) {
  if (typeof value !== 'string' || !/^0x([0-9a-fA-F]{2})*$/.test(value)) throw new Unfit(`${where} is not in hex`);
  if (bytes !== undefined && value.length !== 2 + 2 * bytes) throw new Unfit(`${where} has not ${bytes} bytes`);
  return value.slice(2).toLowerCase();
}

function number(value, bits, where) {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value) || (typeof value === 'string' && /^\d+$/.test(value));
  if (!whole) throw new Unfit(`${where} is no whole number`);
  const given = BigInt(value);
  if (given < 0n || given >> BigInt(bits)) throw new Unfit(`${where} does not fit ${bits} bits`);
  return given.toString(16).padStart(64, '0');
}

// "12.50" as token units. A finer amount than the token has is refused.
export function units(text, decimals) {
  const found = /^(\d{1,60})(?:\.(\d+))?$/.exec(text.trim());
  if (!found || (found[2] ?? '').length > decimals) throw new Unfit(`an amount is written like 12.50, with at most ${decimals} digits behind the point`);
  return BigInt(found[1] + (found[2] ?? '').padEnd(decimals, '0'));
}

export function amount(value, decimals) {
  const digits = BigInt(value).toString().padStart(decimals + 1, '0');
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, '').padEnd(2, '0');
  return `${digits.slice(0, digits.length - decimals)}.${rest}`;
}
