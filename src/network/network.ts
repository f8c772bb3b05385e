import { lookup } from 'node:dns/promises';

/** What this machine knows of the world. Tests have one of their own. */
export interface Network {
  /** The IP addresses of a host name, in the order in which to try them. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  /** Certificates to trust instead of those that Node.js trusts, as PEM. */
  readonly ca?: string;
}

/** Host names as the system knows them, its hosts file included; certificates as Node.js does (`NODE_EXTRA_CA_CERTS`). */
export const systemNetwork: Network = {
  resolve: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
};
