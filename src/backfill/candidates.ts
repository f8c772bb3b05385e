import { type ErrorCode, FramescribeError } from '../domain/errors.ts';
import { describeId } from '../queue/job-id.ts';
import { source as sourceSchema } from '../queue/jobs.ts';
import type { Store } from '../storage/store.ts';
import { atOnce } from './at-once.ts';
import { fileFilter, type LeftOut } from './filters.ts';
import type { Entry, Listing } from './listing.ts';
import type { Look } from './look.ts';
import type { RunSpec } from './run-spec.ts';
import { isTaken } from './standing.ts';

/** A video to be described. */
export interface Video {
  /** Of its job. */
  readonly id: string;
  readonly source: string;
  /** Empty where nothing tells one upload from the next. */
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  /** 0 where nobody knows. */
  readonly bytes: number;
}

/** What becomes of something that was listed. `present`: what is wanted of it stands in the store. */
export type Candidate = { readonly position: string } & (
  | { readonly kind: 'video'; readonly video: Video }
  | { readonly kind: 'left-out'; readonly why: LeftOut | 'present' }
  | { readonly kind: 'refused'; readonly source: string; readonly code: ErrorCode; readonly message: string }
);

export interface CandidateTools {
  readonly listing: Listing;
  readonly look: Look;
  readonly store: Store;
}

/** Looked at together; so many may have been looked at in vain where a run stops. */
const LOOKED_AT = 64;
const AT_ONCE = 16;

/**
 * Goes through a listing in its order and finds the videos that a run is to take.
 *
 * @throws {FramescribeError} what keeps it from going on: STORE_…, BUCKET_NOT_FOUND, SOURCE_UNREADABLE
 */
export async function* candidates(
  spec: RunSpec,
  after: string | null,
  tools: CandidateTools,
): AsyncGenerator<readonly Candidate[]> {
  const filter = fileFilter(spec.filters, spec.kind === 'list');
  const judge = (entry: Entry) => judgeEntry(entry, spec, filter, tools);
  for await (const page of tools.listing(after)) {
    for (let start = 0; start < page.length; ) {
      // What goes by its name costs nothing: as many as come until enough are to be looked at.
      let end = start;
      for (let looks = 0; end < page.length && looks < LOOKED_AT; end++) {
        const entry = page[end];
        if (entry && !entry.problem && filter.byName(entry.path) === null) looks++;
      }
      yield await atOnce(page.slice(start, end), AT_ONCE, judge);
      start = end;
    }
  }
}

async function judgeEntry(
  entry: Entry,
  spec: RunSpec,
  filter: ReturnType<typeof fileFilter>,
  { look, store }: CandidateTools,
): Promise<Candidate> {
  const { position, source, problem } = entry;
  if (problem) return { position, kind: 'refused', source, ...problem };
  const unnamed = filter.byName(entry.path);
  if (unnamed) return { position, kind: 'left-out', why: unnamed };
  try {
    const facts = entry.facts ?? (await look(source));
    const why = facts && filter.byFacts(facts);
    if (why) return { position, kind: 'left-out', why };
    const address = sourceSchema.safeParse(source);
    if (!address.success) throw new FramescribeError('SOURCE_UNSUPPORTED', `Expected an address that a job may have`);
    const version = (entry.version ?? facts?.version ?? '').slice(0, 256);
    const id = describeId(source, version || undefined, spec.options);
    if (!(await isTaken({ source, version }, spec, store))) return { position, kind: 'left-out', why: 'present' };
    const labels = { ...spec.labels, ...entry.labels };
    return { position, kind: 'video', video: { id, source, version, labels, bytes: facts?.bytes ?? 0 } };
  } catch (error) {
    const { code, message } = FramescribeError.from(error);
    if (!isAboutSource(code)) throw error;
    return { position, kind: 'refused', source, code, message };
  }
}

/** Whether it's about one file, and the next one may be looked at. */
function isAboutSource(code: ErrorCode): boolean {
  return code.startsWith('SOURCE_');
}
