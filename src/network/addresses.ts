import { BlockList, isIP } from 'node:net';

/** Whether a connection to an IP address is allowed. */
export type AddressRule = (address: string) => boolean;

/**
 * What the registries call special (RFC 6890 and the IANA IPv4 Special-Purpose Address Registry), multicast, and an
 * address outside them where Azure answers with a machine's secrets.
 */
const REFUSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16/32',
];

/** All of IPv6 but this is special, reserved or carries an IPv4 address (mapped, NAT64). */
const GLOBAL_IPV6 = ['2000::/3'];
/** Special within that: protocol assignments with Teredo, documentation, and 6to4, which carries an IPv4 address. */
const REFUSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/**
 * Allows addresses of the public internet, and those in the given networks.
 *
 * @param allowedNetworks in CIDR notation, such as `10.1.0.0/16` or `fd00:1::/32`.
 */
export function addressRule(allowedNetworks: readonly string[]): AddressRule {
  const allowed = networks(allowedNetworks);
  const refused = networks([...REFUSED_IPV4, ...REFUSED_IPV6]);
  const global = networks(GLOBAL_IPV6);
  return (address) => {
    const bare = plain(address);
    if (isIP(bare) === 0) return false;
    const family = isIP(bare) === 4 ? 'ipv4' : 'ipv6';
    if (allowed.check(bare, family)) return true;
    return (family === 'ipv4' || global.check(bare, family)) && !refused.check(bare, family);
  };
}

function networks(list: readonly string[]): BlockList {
  const block = new BlockList();
  for (const network of list) {
    const [address = '', bits = ''] = network.split('/');
    block.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return block;
}

/** Without a zone (`%eth0`), and an IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`, `::ffff:a00:1`) as what it is. */
function plain(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  if (isIP(bare) !== 6) return bare;
  const [, high, low] =
    /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(new URL(`http://[${bare}]`).hostname.slice(1, -1)) ?? [];
  if (high === undefined || low === undefined) return bare;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
