import type { ContractName } from './names.js';

export type Address = `0x${string}`;

/** Which contracts live where on one chain, and in which token everything is paid. */
export interface Deployment {
  readonly chainId: number;
  /** The last block before the first contract: where logs begin. */
  readonly block: number;
  readonly token: Address;
  /** How many of the token's digits stand behind the point. */
  readonly decimals: number;
  readonly contracts: Readonly<Record<ContractName, Address>>;
}

/**
 * Reads what `thenar devnet` and `scripts/deploy.py` write, as text or parsed. Throws an Error that says what is wrong and
 * what to do unless the chain, the block, the digits, the token and every contract of this package are there.
 */
export declare function readDeployment(file: unknown): Deployment;
