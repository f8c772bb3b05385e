/** Takes secrets out of a line of text, which may be JSON: what is left is still JSON. */
export type Redact = (text: string) => string;

const GONE = '[redacted]';
/** Shorter ones would be found everywhere. */
const SHORTEST_SECRET = 6;

/** Up to whatever ends an address in a sentence or in JSON. */
const ADDRESS = String.raw`[^\s"'<>\\]`;
/** What stands in JSON without quotes, and would break it where it went away. */
const BARE = String.raw`(?![[{]|(?:-?[\d.]+(?:e[+-]?\d+)?|true|false|null)[,}\]])`;
const RULES: readonly (readonly [RegExp, string])[] = [
  // A password may hold any sign but these, a slash too where somebody forgot to encode it.
  [new RegExp(String.raw`\b([a-z][a-z0-9+.-]{0,20}:\/\/)${ADDRESS}{1,600}@`, 'gi'), `$1${GONE}@`],
  [new RegExp(String.raw`([?#])[^\s"'<>\\?#=]*=${ADDRESS}*`, 'g'), `$1${GONE}`],
  [headed('authorization|x-amz-security-token|cookie', String.raw`[^"'\r\n\\]+`), `$1${GONE}`],
  [/\b(Bearer|Basic|AWS4-HMAC-SHA256)\s+[^\s"'\\]+/g, `$1 ${GONE}`],
  [headed('password|passwd|secret|token|api_?key|access_?key', String.raw`[^\s"'\\,;&}]+`), `$1${GONE}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, GONE],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, GONE],
];

/**
 * Makes a function that takes out credentials and query strings of addresses, keys that look like keys, and the secrets
 * that are known here, in whatever shape of text they come.
 *
 * @param secrets are values, as they stand and as addresses and JSON write them.
 */
export function redactor(secrets: readonly string[]): Redact {
  const known = new Set(
    secrets.filter(({ length }) => length >= SHORTEST_SECRET).flatMap((secret) => [secret, ...writings(secret)]),
  );
  // Longer ones first: one may be part of another.
  const sorted = [...known].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of sorted) clean = clean.replaceAll(secret, GONE);
    for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement);
    return clean;
  };
}

/** `name: value`, `name=value` or `"name":"value"`, also where quotes are escaped. */
function headed(names: string, value: string): RegExp {
  return new RegExp(String.raw`\b(\w{0,40}(?:${names})(?:\\*["'])?\s*[:=]\s*(?:\\*["'])?)${BARE}${value}`, 'gi');
}

function writings(secret: string): readonly string[] {
  return [encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1)];
}
