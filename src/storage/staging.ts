import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Beside the results; no result may have its name. */
export const STAGING_FOLDER = '.framescribe';
/** Two renames follow each other at once; a writer that hasn't done the second by now is dead. */
const STUCK_AFTER_MS = 10_000;
const ABANDONED_AFTER_MS = 24 * 3_600_000;
const AWAY_ENDING = '-old';

/** Where one publication is written, on the same disk as its place. */
export interface Staging {
  readonly fresh: string;
  /** Where the older result waits for the moment in which the newer one takes its place. */
  readonly away: string;
  /** What others are writing now under the same name, or have left behind. */
  others(): Promise<readonly string[]>;
  /** Removes what was written, unless it is in its place by now. */
  remove(): Promise<void>;
}

/** Takes care of a result that was replaced. */
export type Retire = (away: string, target: string) => Promise<void>;

/** Makes a folder to write a result in, and first puts right what writers left behind that were killed. */
export async function makeStaging(target: string, retire: Retire): Promise<Staging> {
  const root = join(dirname(target), STAGING_FOLDER);
  await clearUp(root, target, retire);
  const fresh = join(root, `${idOf(target)}-${randomBytes(6).toString('hex')}`);
  const away = `${fresh}${AWAY_ENDING}`;
  await mkdir(fresh, { recursive: true });
  const remove = async () => {
    await rm(fresh, { recursive: true, force: true });
    await rmdir(root).catch(() => {}); // others may be writing
  };
  const others = async () => {
    const entries = await readdir(root).catch(() => []);
    const names = entries.filter((entry) => entry.startsWith(`${idOf(target)}-`) && !entry.endsWith(AWAY_ENDING));
    return names.map((entry) => join(root, entry)).filter((path) => path !== fresh);
  };
  return { fresh, away, others, remove };
}

async function clearUp(root: string, target: string, retire: Retire): Promise<void> {
  for (const entry of await readdir(root).catch(() => [])) {
    const folder = join(root, entry);
    const ageMs = await ageOf(folder);
    // An older result that nobody put back belongs to its name: it's gone from sight, and must not be lost.
    const isResult = entry.endsWith(AWAY_ENDING);
    const isOurs = entry.startsWith(`${idOf(target)}-`);
    if (isResult && isOurs && ageMs > STUCK_AFTER_MS) await giveBack(folder, target, retire);
    if (!isResult && ageMs > ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
}

/** Where an older result waits for the newer one to take its place, the latest first; none but for that moment. */
export async function foldersAway(target: string): Promise<readonly string[]> {
  const root = join(dirname(target), STAGING_FOLDER);
  const entries = await readdir(root).catch(() => []);
  const ours = entries.filter((entry) => entry.startsWith(`${idOf(target)}-`) && entry.endsWith(AWAY_ENDING));
  // Writers that were killed may have left some.
  const aged = await Promise.all(
    ours.map(async (entry) => ({ path: join(root, entry), ageMs: await ageOf(join(root, entry)) })),
  );
  return aged.sort((a, b) => a.ageMs - b.ageMs).map(({ path }) => path);
}

/** Puts an older result back into its place; where a newer one stands there, that one stays. */
export async function giveBack(away: string, target: string, retire: Retire): Promise<void> {
  await rename(away, target).catch(async (error: NodeJS.ErrnoException) => {
    const isTaken = error.code === 'ENOTEMPTY' || error.code === 'EEXIST';
    if (isTaken) await retire(away, target);
  });
}

/** Removes a result that was replaced: out of sight first, in one step, as somebody may be reading it. */
export async function discard(away: string): Promise<void> {
  const gone = `${away}-gone`;
  await rename(away, gone).catch(() => {}); // somebody else may have been faster
  await rm(gone, { recursive: true, force: true });
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
