import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Beside the results; no result may have its name. */
export const STAGING_FOLDER = '.framescribe';
/** Two renames follow each other at once; a writer that hasn't done the second by now is dead. */
const STUCK_AFTER_MS = 10_000;
const ABANDONED_AFTER_MS = 24 * 3_600_000;
const BETWEEN_LOOKS_MS = 5;
const MOST_LOOKS = 20;

/** Where one publication is written, on the same disk as its place. */
export interface Staging {
  readonly fresh: string;
  /** Where the older result waits for the moment in which the newer one takes its place. */
  readonly away: string;
  /** Removes what was written, unless it is in its place by now. */
  remove(): Promise<void>;
}

/** Makes a folder to write a result in, and first puts right what writers left behind that were killed. */
export async function makeStaging(target: string): Promise<Staging> {
  const root = join(dirname(target), STAGING_FOLDER);
  await clearUp(root, target);
  const fresh = join(root, `${idOf(target)}-${randomBytes(6).toString('hex')}`);
  const away = `${fresh}-old`;
  await mkdir(fresh, { recursive: true });
  const remove = async () => {
    await rm(fresh, { recursive: true, force: true });
    await rmdir(root).catch(() => {}); // others may be writing
  };
  return { fresh, away, remove };
}

async function clearUp(root: string, target: string): Promise<void> {
  for (const entry of await readdir(root).catch(() => [])) {
    const folder = join(root, entry);
    const ageMs = await ageOf(folder);
    // An older result that nobody put back belongs to its name: it's gone from sight, and must not be lost.
    const isResult = entry.endsWith('-old');
    const isOurs = entry.startsWith(`${idOf(target)}-`);
    if (isResult && isOurs && ageMs > STUCK_AFTER_MS) await giveBack(folder, target);
    if (!isResult && ageMs > ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
}

/** Looks for something of a result, again and again while its older state is away and the newer one not there yet. */
export async function lookFor<T>(target: string, look: () => Promise<T | null>): Promise<T | null> {
  for (let looks = 1; looks <= MOST_LOOKS; looks++) {
    const found = await look();
    if (found !== null) return found;
    if (!(await isAway(target))) break;
    await setTimeout(BETWEEN_LOOKS_MS);
  }
  return look();
}

async function isAway(target: string): Promise<boolean> {
  const entries = await readdir(join(dirname(target), STAGING_FOLDER)).catch(() => []);
  return entries.some((entry) => entry.startsWith(`${idOf(target)}-`) && entry.endsWith('-old'));
}

/** Puts an older result back into its place; where a newer one stands there, that one stays. */
export async function giveBack(away: string, target: string): Promise<void> {
  await rename(away, target).catch(async (error: NodeJS.ErrnoException) => {
    const isTaken = error.code === 'ENOTEMPTY' || error.code === 'EEXIST';
    if (isTaken) await rm(away, { recursive: true, force: true });
  });
}

/** How long ago a folder was made or moved: writing into one further down doesn't count. */
async function ageOf(folder: string): Promise<number> {
  return stat(folder).then(
    ({ ctimeMs }) => Date.now() - ctimeMs,
    () => 0,
  );
}

function idOf(target: string): string {
  return createHash('sha256').update(basename(target)).digest('hex').slice(0, 16);
}
