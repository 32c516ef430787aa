import { contractNames } from './names.js';

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const NEXT = 'pass what `thenar devnet` or scripts/deploy.py of this version wrote: <folder>/<chainId>.json';

/** Reads what `thenar devnet` and `scripts/deploy.py` write: which contracts live where on one chain. */
export function readDeployment(file) {
  const told = typeof file === 'string' ? parsed(file) : file;
  const chainId = whole(told?.chainId, 1, Number.MAX_SAFE_INTEGER, 'no chain (chainId)');
  if (typeof told.contracts !== 'object' || told.contracts === null) throw wrong('it names no contracts');
  const contracts = Object.fromEntries(
    contractNames.map((name) => [name, address(told.contracts[name]?.address, name)]),
  );
  const block = whole(told.block, 0, Number.MAX_SAFE_INTEGER, 'no block where logs begin (block)');
  const decimals = whole(told.decimals, 0, 255, "no digits behind the token's point (decimals)");
  return { chainId, block, token: address(told.token, 'token'), decimals, contracts };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrong('it is no JSON', cause);
  }
}

function whole(value, least, most, missing) {
  if (!Number.isSafeInteger(value) || value < least || value > most) throw wrong(`it names ${missing}`);
  return value;
}

function address(value, name) {
  if (typeof value !== 'string' || !ADDRESS.test(value)) throw wrong(`it gives ${name} no address`);
  return value;
}

function wrong(what, cause) {
  return new Error(`not a deployment file: ${what}; ${NEXT}`, { cause });
}
