import { messages } from './messages.js';

/** What a wallet signs (EIP-712): the message of this name, bound to one chain and one contract. */
export function typedData(name, deployment, message) {
  const { contract, domain, types } = messages[name];
  const bound = { ...domain, chainId: deployment.chainId, verifyingContract: deployment.contracts[contract] };
  return { domain: bound, types, primaryType: name, message };
}

export { messages };
