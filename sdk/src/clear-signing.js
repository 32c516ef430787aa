/** An ERC-7730 descriptor of this package, bound to one deployment: what a wallet is given. */
export function bindDescriptor(descriptor, deployment) {
  const { contract, eip712 } = descriptor.context;
  const name = descriptor.context.$id;
  const deployments = [{ chainId: deployment.chainId, address: deployment.contracts[name] }];
  const context = contract
    ? { ...descriptor.context, contract: { ...contract, deployments } }
    : { ...descriptor.context, eip712: { ...eip712, deployments } };
  const constants = { ...descriptor.metadata.constants, token: deployment.token };
  return { ...descriptor, context, metadata: { ...descriptor.metadata, constants } };
}
