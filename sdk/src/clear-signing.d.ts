import type { Deployment } from './deployment.js';

/** An ERC-7730 descriptor: https://eips.ethereum.org/EIPS/eip-7730 */
export interface Descriptor {
  readonly $schema: string;
  readonly context: { readonly $id: string; readonly contract?: object; readonly eip712?: object };
  readonly metadata: { readonly owner: string; readonly constants: Readonly<Record<string, string>> };
  readonly display: { readonly formats: Readonly<Record<string, object>> };
}

/** A descriptor of this package, bound to one deployment: what a wallet is given. */
export declare function bindDescriptor(descriptor: Descriptor, deployment: Deployment): Descriptor;
