import type { Config } from '../domain/config.ts';

const SECRET_NAME = /SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|ACCESS_KEY|API_KEY|PRIVATE_KEY|OTLP_.*HEADERS/i;

/** The secrets that a process knows, from its configuration and its environment: what no log and no span may hold. */
export function secretsOf({ queue }: Pick<Config, 'queue'>, env: NodeJS.ProcessEnv): readonly string[] {
  const named = Object.entries(env).flatMap(([name, value = '']) => (SECRET_NAME.test(name) ? partsOf(value) : []));
  return [...partsOf(queue.webhookSecret), ...passwordsOf(queue.redisUrl), ...named];
}

/** A secret, what is left of it without its customary beginning, and each of several between commas. */
function partsOf(value: string): readonly string[] {
  const parts = value.split(',').map((part) => part.trim());
  return [value, ...parts.flatMap((part) => [part, part.replace(/^[\w-]+[=_]/, '')])];
}

/** The password in an address, as it stands there and as it is. */
export function passwordsOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, decode(password)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
