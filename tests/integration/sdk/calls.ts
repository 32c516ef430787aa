// Ten calls a frontend makes; every one must compile.
import { createPublicClient, createWalletClient, encodeFunctionData, hashTypedData, http, parseEventLogs } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { assetRegistryAbi } from '@thenar/contracts/asset-registry';
import { bindDescriptor } from '@thenar/contracts/clear-signing';
import descriptor from '@thenar/contracts/clear-signing/license-desk.json' with { type: 'json' };
import { readDeployment, type Deployment } from '@thenar/contracts/deployment';
import { keyExchangeAbi } from '@thenar/contracts/key-exchange';
import { ledgerAbi } from '@thenar/contracts/ledger';
import { licenseDeskAbi } from '@thenar/contracts/license-desk';
import { revenueGraphAbi } from '@thenar/contracts/revenue-graph';
import { typedData } from '@thenar/contracts/typed-data';
import { nodeRegistryAbi } from '@thenar/contracts';

const asset = `0x${'11'.repeat(32)}` as const;
const who = `0x${'22'.repeat(20)}` as const;
const zero = `0x${'00'.repeat(32)}` as const;
const transport = http('http://127.0.0.1:8545');
const chain = createPublicClient({ transport });
const wallet = createWalletClient({ transport, account: privateKeyToAccount(asset) });
const deployment: Deployment = readDeployment({});
const at = deployment.contracts;

export const allowed: Promise<boolean> = chain.readContract({
  address: at.LicenseDesk, abi: licenseDeskAbi, functionName: 'isAllowed', args: [asset, who, 1, 1_700_000_000],
});
export const owner: Promise<string> = chain.readContract({
  address: at.AssetRegistry, abi: assetRegistryAbi, functionName: 'ownerOf', args: [BigInt(asset)],
});
export const account: Promise<bigint> = chain.readContract({
  address: at.Ledger, abi: ledgerAbi, functionName: 'balanceOf', args: [who],
});
export const bought = wallet.writeContract({
  chain: null, address: at.LicenseDesk, abi: licenseDeskAbi, functionName: 'buy', args: [asset, 3, 10n, 500, 0],
});
export const revoked = wallet.writeContract({
  chain: null, address: at.AssetRegistry, abi: assetRegistryAbi, functionName: 'revokeAll', args: [asset, zero],
});
export const offered = encodeFunctionData({
  abi: licenseDeskAbi,
  functionName: 'offer',
  args: [asset, 3, 0n, { price: 10n, duration: 0, expiresAt: 2_000_000_000, bondBps: 100 }],
});
export const sold = chain.watchContractEvent({
  address: at.KeyExchange, abi: keyExchangeAbi, eventName: 'SaleOpened', onLogs: (logs) => logs.map((log) => log.args.deal),
});
export const paid = parseEventLogs({ abi: revenueGraphAbi, eventName: 'Paid', logs: [] });
export const voucher = hashTypedData(typedData('Voucher', deployment, {
  channel: 1n, node: who, model: asset, client: who, amount: 5n, calls: 7n,
}));
export const nodes = chain.getContractEvents({ address: at.NodeRegistry, abi: nodeRegistryAbi, eventName: 'NodeRegistered' });
export const shown = bindDescriptor(descriptor, deployment);
