import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, config as configSchema } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { NO_VOCABULARY, type Vocabulary, vocabulary as vocabularySchema } from '../domain/vocabulary.ts';

type Tree = { [key: string]: Tree | string | number | boolean };

/**
 * Reads `config/default.json`, then `config/<FRAMESCRIBE_ENV>.json`, then the environment: `limits.maxBytes` is
 * `FRAMESCRIBE_LIMITS_MAX_BYTES`. `REDIS_URL` is `FRAMESCRIBE_QUEUE_REDIS_URL` too, and OpenTelemetry's own variables
 * turn `observe.tracing` on. What comes later wins. The result is validated and frozen.
 *
 * @throws {FramescribeError} CONFIG_INVALID: a file or a variable isn't what it should be.
 */
export async function loadConfig(env: NodeJS.ProcessEnv, folder = join(packageRoot(), 'config')): Promise<Config> {
  const defaults = await readTree(join(folder, 'default.json'));
  const name = env.FRAMESCRIBE_ENV;
  const chosen = name === undefined ? {} : await readTree(join(folder, `${environmentName(name)}.json`));
  const merged = merge(defaults, chosen);
  const parsed = configSchema.safeParse(merge(merged, fromEnvironment(withCustomaryNames(env), merged)));
  if (parsed.success) {
    const { file } = parsed.data.tags;
    return deepFreeze({ ...parsed.data, tags: { file, ...(await readVocabulary(file, folder)) } });
  }
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`);
  throw new FramescribeError('CONFIG_INVALID', `Expected a valid configuration, but ${problems.join('; ')}`);
}

const TAGS_FILE = 'tags.json';

/** A folder of settings without a vocabulary has one that says nothing. */
async function readVocabulary(named: string, folder: string): Promise<Vocabulary> {
  const file = named || join(folder, TAGS_FILE);
  if (named === '' && !existsSync(file)) return NO_VOCABULARY;
  const parsed = vocabularySchema.safeParse(await readTree(file));
  if (parsed.success) {
    const { schema: _, ...said } = parsed.data;
    return said;
  }
  const problems = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new FramescribeError('CONFIG_INVALID', `Expected a vocabulary at ${file}, but ${problems.join('; ')}`);
}

/** The folder of package.json, both from the sources and from the compiled files. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new FramescribeError('INTERNAL', `Expected a package.json above ${import.meta.url}`);
    folder = parent;
  }
  return folder;
}

/** Of Framescribe. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version;
}

function environmentName(name: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(name)) return name;
  throw new FramescribeError('CONFIG_INVALID', `Expected FRAMESCRIBE_ENV such as "production", got "${name}"`);
}

async function readTree(file: string): Promise<Tree> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FramescribeError('CONFIG_INVALID', `Expected a JSON file at ${file}: ${reason}`, { cause });
  }
}

/** What many a platform sets by itself. */
function withCustomaryNames(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...(env.REDIS_URL !== undefined && { FRAMESCRIBE_QUEUE_REDIS_URL: env.REDIS_URL }),
    ...(asksForTraces(env) && { FRAMESCRIBE_OBSERVE_TRACING: 'true' }),
    ...env,
  };
}

/** As the OpenTelemetry specification has it, but off where nothing is said. */
function asksForTraces(env: NodeJS.ProcessEnv): boolean {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = env;
  if (disabled?.toLowerCase() === 'true' || exporter === 'none') return false;
  return Boolean(exporter === 'otlp' || env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

function fromEnvironment(env: NodeJS.ProcessEnv, shape: Tree): Tree {
  const found: Tree = {};
  for (const [path, value] of leaves(shape)) {
    const name = `FRAMESCRIBE_${path.map(snakeCase).join('_')}`;
    const text = env[name];
    if (text !== undefined) put(found, path, typeof value === 'string' ? text : scalar(name, text));
  }
  return found;
}

function leaves(tree: Tree, path: readonly string[] = []): [readonly string[], string | number | boolean][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' ? leaves(value, [...path, key]) : [[[...path, key], value]],
  );
}

function scalar(name: string, text: string): number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw new FramescribeError('CONFIG_INVALID', `Expected ${name} to be a number, true or false, got "${text}"`);
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function put(tree: Tree, path: readonly string[], value: string | number | boolean): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const branch = typeof tree[key] === 'object' ? tree[key] : {};
  tree[key] = branch;
  put(branch, rest, value);
}

function merge(base: Tree, over: Tree): Tree {
  const merged: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = typeof value === 'object' && typeof below === 'object' ? merge(below, value) : value;
  }
  return merged;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
