const ADDRESS = /^0x[0-9a-f]{40}$/i;

/** Reads what `thenar devnet` and `scripts/deploy.py` write: which contracts live where on one chain. */
export function readDeployment(file) {
  const told = typeof file === 'string' ? JSON.parse(file) : file;
  const chainId = told?.chainId;
  if (!Number.isSafeInteger(chainId) || chainId <= 0) throw new Error('not a deployment file: it names no chain');
  const contracts = {};
  for (const [name, placed] of Object.entries(told.contracts ?? {})) {
    contracts[name] = address(placed?.address, name);
  }
  if (Object.keys(contracts).length === 0) throw new Error('not a deployment file: it names no contracts');
  return { chainId, block: told.block, token: address(told.token, 'token'), decimals: told.decimals, contracts };
}

function address(value, name) {
  if (typeof value !== 'string' || !ADDRESS.test(value)) throw new Error(`the deployment gives ${name} no address`);
  return value;
}
