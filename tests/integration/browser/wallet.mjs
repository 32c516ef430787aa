// A wallet for tests: announced by EIP-6963, answered here, over a local chain that signs for its own accounts.
import { rpc } from './seeing.mjs';

const WORDS = { 4001: 'User rejected the request.', 4100: 'The requested account has not been authorized.', 4902: 'Unrecognized chain ID.' };
const no = (code) => { throw Object.assign(new Error(WORDS[code] ?? 'Failed to fetch'), { code }); };

export class Wallet {
  constructor(account, name = 'Test Wallet') {
    Object.assign(this, { account, name, chain: 31337, known: [1, 31337], locked: false, rejects: false, lost: false, losesNext: false, reorganises: null, sent: [], learned: null });
  }

  // Puts the wallet into every page of a browser context.
  async into(context) {
    await context.exposeBinding('__wallet', async (_, text) => {
      const { method, params } = JSON.parse(text);
      try { return JSON.stringify({ result: await this.answer(method, params) }); } catch (cause) { return JSON.stringify({ error: { code: cause.code ?? -32603, message: cause.message, data: cause.data } }); }
    });
    await context.addInitScript((name) => {
      const told = {};
      const provider = {
        async request({ method, params = [] }) {
          const { result, error } = JSON.parse(await globalThis.__wallet(JSON.stringify({ method, params })));
          if (error) throw Object.assign(new Error(error.message), error);
          return result;
        },
        on(event, call) { (told[event] ??= []).push(call); },
      };
      globalThis.__emit = (event, value) => (told[event] ?? []).forEach((call) => call(value));
      const info = { uuid: '350670db-19fa-4704-a166-e52e178b59d2', name, icon: 'data:image/svg+xml,<svg/>', rdns: 'test.thenar.wallet' };
      const announce = () => dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
      addEventListener('eip6963:requestProvider', announce);
      announce();
    }, this.name);
  }

  async answer(method, params) {
    if (method === 'eth_accounts') return this.locked ? [] : [this.account];
    if (method === 'eth_requestAccounts') {
      if (this.rejects) no(4001);
      return this.locked ? no(4100) : [this.account];
    }
    if (method === 'eth_chainId') return `0x${this.chain.toString(16)}`;
    if (method === 'wallet_switchEthereumChain' || method === 'wallet_addEthereumChain') return this.move(method, params[0]);
    if (this.lost) no(-32603);
    if (method === 'eth_sendTransaction') return this.send(params[0]);
    if (method === 'eth_getTransactionReceipt' && this.reorganises === params[0]) return this.reorganised(params[0]);
    return rpc(method, params);
  }

  move(method, { chainId, rpcUrls }) {
    if (this.rejects) no(4001);
    const chain = Number(chainId);
    if (method === 'wallet_addEthereumChain') { this.known.push(chain); this.learned = rpcUrls[0]; }
    if (!this.known.includes(chain)) no(4902);
    this.chain = chain;
    return null;
  }

  async send(call) {
    if (this.rejects) no(4001);
    const hash = await rpc('eth_sendTransaction', [{ ...call, gas: '0x2dc6c0' }]);
    this.sent.push(hash);
    if (this.reorganises === 'next') this.reorganises = hash;
    if (this.losesNext) Object.assign(this, { lost: true, losesNext: false });
    return hash;
  }

  // Shows the receipt once, then has the chain forget its block, and brings the transaction back some asking later.
  async reorganised(hash) {
    const receipt = await rpc('eth_getTransactionReceipt', [hash]);
    if (receipt && !this.raw) {
      this.raw = await rpc('eth_getRawTransactionByHash', [hash]);
      this.asked = 0;
      const depth = Number(await rpc('eth_blockNumber')) - Number(receipt.blockNumber) + 1;
      await rpc('anvil_reorg', [depth, []]);
      return receipt;
    }
    if (this.raw && !receipt && (this.asked += 1) === 3) await rpc('eth_sendRawTransaction', [this.raw]);
    return receipt;
  }
}
