import type { TypedDataToPrimitiveTypes } from 'abitype';
import type { Address, Deployment } from './deployment.js';
import { messages } from './messages.js';

export type MessageName = keyof typeof messages;
type Types<N extends MessageName> = (typeof messages)[N]['types'];
export type Message<N extends MessageName> = TypedDataToPrimitiveTypes<Types<N>>[N & keyof Types<N>];

/** What a wallet signs (EIP-712): the message of this name, bound to one chain and one contract. */
export declare function typedData<N extends MessageName>(
  name: N,
  deployment: Pick<Deployment, 'chainId' | 'contracts'>,
  message: Message<N>,
): {
  readonly domain: (typeof messages)[N]['domain'] & { readonly chainId: number; readonly verifyingContract: Address };
  readonly types: Types<N>;
  readonly primaryType: N;
  readonly message: Message<N>;
};

/**
 * A permit of the settlement token (ERC-2612), as Ledger.depositWithPermit takes it; `typedData('Permit', …)` is one of
 * ThenarToken instead. `token` is the domain that the token signs under: `eip712Domain()` (ERC-5267) tells it, where it has that.
 */
export declare function tokenPermit(
  deployment: Pick<Deployment, 'chainId' | 'token'>,
  token: { readonly name: string; readonly version: string },
  message: Message<'Permit'>,
): {
  readonly domain: {
    readonly name: string;
    readonly version: string;
    readonly chainId: number;
    readonly verifyingContract: Address;
  };
  readonly types: Types<'Permit'>;
  readonly primaryType: 'Permit';
  readonly message: Message<'Permit'>;
};

export { messages };
