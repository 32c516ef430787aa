// Ten mistakes; none of them may compile.
import { createPublicClient, createWalletClient, encodeFunctionData, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { ledgerAbi } from '@thenar/contracts/ledger';
import { licenseDeskAbi } from '@thenar/contracts/license-desk';
import type { Deployment } from '@thenar/contracts/deployment';
import { typedData } from '@thenar/contracts/typed-data';

declare const deployment: Deployment;
const asset = `0x${'11'.repeat(32)}` as const;
const who = `0x${'22'.repeat(20)}` as const;
const transport = http('http://127.0.0.1:8545');
const chain = createPublicClient({ transport });
const wallet = createWalletClient({ transport, account: privateKeyToAccount(asset) });
const ledger = { address: deployment.contracts.Ledger, abi: ledgerAbi } as const;
const desk = { address: deployment.contracts.LicenseDesk, abi: licenseDeskAbi } as const;
const line = { channel: 1n, node: who, model: asset, client: who } as const;

// @ts-expect-error no such function
chain.readContract({ ...ledger, functionName: 'balance', args: [who] });
// @ts-expect-error an argument is missing
chain.readContract({ ...desk, functionName: 'isAllowed', args: [asset, who, 1] });
// @ts-expect-error a number is no address
chain.readContract({ ...ledger, functionName: 'balanceOf', args: [5] });
// @ts-expect-error a price is a bigint
wallet.writeContract({ ...desk, chain: null, functionName: 'buy', args: [asset, 3, 10, 500, 0] });
// @ts-expect-error reading does not write
wallet.writeContract({ ...desk, chain: null, functionName: 'isAllowed', args: [asset, who, 1, 1] });
// @ts-expect-error an offer has a bond
encodeFunctionData({ abi: licenseDeskAbi, functionName: 'offer', args: [asset, 3, 0n, { price: 1n, duration: 0, expiresAt: 1 }] });
// @ts-expect-error no such contract
export const nobody = deployment.contracts.Treasury;
// @ts-expect-error no such message
typedData('Cheque', deployment, { ...line, amount: 5n, calls: 7n });
// @ts-expect-error a voucher says for how many calls
typedData('Voucher', deployment, { ...line, amount: 5n });
// @ts-expect-error no such event
chain.getContractEvents({ ...desk, eventName: 'Bought' });
