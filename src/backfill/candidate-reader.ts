import type { Candidate } from './candidates.ts';

/** Reads candidates one by one where they come in groups. */
export interface CandidateReader {
  /**
   * The next ones, in order, until so many videos or all of what is at hand are among them; `isEnd` where there are no
   * more. Waits for one group at most.
   */
  read(videos: number): Promise<{ readonly candidates: readonly Candidate[]; readonly isEnd: boolean }>;
  close(): Promise<void>;
}

export function candidateReader(groups: AsyncGenerator<readonly Candidate[]>): CandidateReader {
  let group: readonly Candidate[] = [];
  let next = 0;
  return {
    read: async (videos) => {
      if (next >= group.length) {
        const { value, done } = await groups.next();
        if (done) return { candidates: [], isEnd: true };
        [group, next] = [value, 0];
      }
      const start = next;
      for (let found = 0; next < group.length && found < videos; next++) if (group[next]?.kind === 'video') found++;
      return { candidates: group.slice(start, next), isEnd: false };
    },
    close: async () => {
      await groups.return(undefined).catch(() => {});
    },
  };
}
