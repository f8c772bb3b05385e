import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressRule } from '../../src/network/addresses.ts';

const onlyPublic = addressRule([]);
const hex = (octets: readonly number[]) =>
  [0, 2].map((at) => (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16)).join(':');

describe('an address that is not on the public internet', () => {
  test.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private, 10/8', '10.0.0.0'],
    ['private, 10/8', '10.255.255.255'],
    ['shared by a carrier', '100.64.0.1'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local', '169.254.0.1'],
    ['metadata of AWS, Google, Azure', '169.254.169.254'],
    ['private, 172.16/12', '172.16.0.1'],
    ['private, 172.16/12', '172.31.255.255'],
    ['metadata of Oracle', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['6to4 relay', '192.88.99.1'],
    ['private, 192.168/16', '192.168.1.1'],
    ['benchmarks', '198.19.255.255'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['wire server of Azure', '168.63.129.16'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['IPv4-compatible of a public address', '::8.8.8.8'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped in hexadecimal', '::ffff:a9fe:a9fe'],
    ['IPv4-mapped at full length', '0:0:0:0:0:ffff:10.0.0.1'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::7f00:1'],
    ['discard', '100::1'],
    ['Teredo', '2001::1'],
    ['benchmarks', '2001:2::1'],
    ['ORCHID', '2001:20::1'],
    ['documentation', '2001:db8::1'],
    ['6to4', '2002:7f00:1::1'],
    ['documentation', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['unique local', 'fc00::1'],
    ['metadata of AWS', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['a name', 'localhost'],
    ['octal', '0177.0.0.1'],
    ['a number', '2130706433'],
    ['nothing', ''],
  ])('is refused: %s, %s', (_, address) => {
    expect(onlyPublic(address)).toBe(false);
  });

  test.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '2001:4860:4860::8888',
    '2606:4700:4700::1111',
    '2a00:1450::1',
  ])('is told from a neighbour on it: %s', (address) => {
    expect(onlyPublic(address)).toBe(true);
  });

  test('is refused in every dress of IPv6 in which it reaches the same host', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), (octets) => {
        const isPublic = onlyPublic(octets.join('.'));
        expect(onlyPublic(`::ffff:${octets.join('.')}`)).toBe(isPublic);
        expect(onlyPublic(`::ffff:${hex(octets)}`)).toBe(isPublic);
        for (const dress of [`64:ff9b::${hex(octets)}`, `2002:${hex(octets)}::1`, `::${octets.join('.')}`]) {
          expect(onlyPublic(dress)).toBe(false);
        }
      }),
    );
  });

  test('may be reached where its network is allowed, and its neighbours may not', () => {
    const rule = addressRule(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1/32']);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '127.0.0.1', '8.8.8.8']) {
      expect([address, rule(address)]).toEqual([address, true]);
    }
    for (const address of ['10.2.0.0', 'fd00:2::5', '127.0.0.2', '::1']) {
      expect([address, rule(address)]).toEqual([address, false]);
    }
  });
});
