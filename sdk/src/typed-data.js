import { messages } from './messages.js';

/** What a wallet signs (EIP-712): the message of this name, bound to one chain and one contract. */
export function typedData(name, deployment, message) {
  const { contract, domain, types } = messages[name];
  const bound = { ...domain, chainId: deployment.chainId, verifyingContract: deployment.contracts[contract] };
  return { domain: bound, types, primaryType: name, message };
}

/** A permit of the settlement token (ERC-2612), bound to the chain and to the token. */
export function tokenPermit(deployment, token, message) {
  const domain = { name: token.name, version: token.version, chainId: deployment.chainId, verifyingContract: deployment.token };
  return { domain, types: messages.Permit.types, primaryType: 'Permit', message };
}

export { messages };
