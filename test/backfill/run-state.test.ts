import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tripped } from '../../src/backfill/breaker.ts';
import type { Candidate } from '../../src/backfill/candidates.ts';
import { failedCount, type Outcome, type RunState, runState, settle, take } from '../../src/backfill/run-state.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import { BEGUN, SPEC } from './a-run.ts';

function video(id: string): Candidate {
  const source = `s3://tapes/1998/${id}.mp4`;
  return { position: id, kind: 'video', video: { id, source, version: 'e', labels: { reel: '7' }, bytes: 10 } };
}

function failed(id: string, code: ErrorCode, endedMs = 0): Outcome {
  return { id, endedMs, kind: 'failed', code, message: `${code} it was.` };
}

const candidate: fc.Arbitrary<Candidate> = fc.oneof(
  fc.nat(20).map((id) => video(`v${id}`)),
  fc
    .constantFrom('name', 'age', 'size', 'present')
    .map((why) => ({ position: 'x', kind: 'left-out', why }) as Candidate),
  fc.constant<Candidate>({ position: 'y', kind: 'refused', source: 'line 3', code: 'USAGE', message: 'no' }),
);
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    id: fc.nat(20).map((id) => `v${id}`),
    endedMs: fc.nat(99),
    kind: fc.constant('completed' as const),
    cost: fc.constant({ videoMs: 5, cpuMs: 7 }),
  }),
  fc
    .tuple(fc.nat(20), fc.constantFrom<ErrorCode>('NOT_A_VIDEO', 'DISK_FULL'))
    .map(([id, code]) => failed(`v${id}`, code)),
  fc.record({ id: fc.nat(20).map((id) => `v${id}`), endedMs: fc.nat(99), kind: fc.constant('lost' as const) }),
);

describe('the state of a run', () => {
  test('accounts for everything that was listed, whatever happens, and can be written down', () => {
    const step = fc.oneof(
      fc.array(candidate, { maxLength: 30 }).map((found) => ({ found })),
      fc.array(outcome, { maxLength: 30 }).map((ends) => ({ ends })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let state: RunState = BEGUN;
        for (const one of steps) state = 'found' in one ? take(state, one.found, 1) : settle(state, one.ends);
        const left = Object.values(state.leftOut).reduce((sum, count) => sum + count, 0);
        expect(left + state.completed + failedCount(state) + state.items.length).toBe(state.listed);
        expect(new Set(state.items.map(({ id }) => id)).size).toBe(state.items.length);
        expect(state.failures).toHaveLength(failedCount(state));
        expect(state.cpuMs).toBe(7 * state.completed);
        expect(runState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
      }),
    );
  });

  test('holds what was lost, and keeps the labels of what has failed', () => {
    let state = take(BEGUN, [video('a'), video('b')], 5);
    state = settle(state, [{ id: 'a', endedMs: 1, kind: 'lost' }, failed('b', 'NO_FRAMES')]);
    expect(state.items).toEqual([expect.objectContaining({ id: 'a', isHeld: true, chosenMs: 5 })]);
    expect(state.failures).toEqual([
      { source: 's3://tapes/1998/b.mp4', labels: { reel: '7' }, code: 'NO_FRAMES', message: 'NO_FRAMES it was.' },
    ]);
  });
});

describe('the same failure again and again', () => {
  function stateAfter(codes: readonly (ErrorCode | 'well')[], pauseAfter = 3): RunState {
    const started: RunState = { ...BEGUN, spec: { ...SPEC, limits: { ...SPEC.limits, pauseAfter } } };
    const taken = take(
      started,
      codes.map((_, index) => video(`v${index}`)),
      0,
    );
    const ends = codes.map((code, index): Outcome => {
      const id = `v${index}`;
      return code === 'well' ? { id, endedMs: index, kind: 'completed', cost: null } : failed(id, code, index);
    });
    // As they are told: in any order.
    return settle(taken, ends.toReversed());
  }

  test.each([
    [['DISK_FULL', 'DISK_FULL'], false],
    [['DISK_FULL', 'DISK_FULL', 'DISK_FULL'], true],
    [['DISK_FULL', 'DISK_FULL', 'well', 'DISK_FULL'], false],
    [['DISK_FULL', 'DISK_FULL', 'NOT_A_VIDEO', 'DISK_FULL'], false],
    [['NOT_A_VIDEO', 'DISK_FULL', 'DISK_FULL', 'DISK_FULL'], true],
    [Array(29).fill('NO_VIDEO_STREAM'), false],
    [Array(30).fill('NO_VIDEO_STREAM'), true],
  ] as const)('of %j pauses a run: %j', (codes, pauses) => {
    expect(tripped(stateAfter(codes)) !== null).toBe(pauses);
  });

  test('says which, how often, and what to do', () => {
    const reason = tripped(stateAfter(['SOURCE_UNREADABLE', 'SOURCE_UNREADABLE', 'SOURCE_UNREADABLE']));
    expect(reason?.code).toBe('SOURCE_UNREADABLE');
    expect(reason?.message).toMatch(/^3 videos in a row .* SOURCE_UNREADABLE it was\. Give this user the right/);
  });
});
