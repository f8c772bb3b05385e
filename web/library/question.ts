import type { VideoState } from '../../src/server/contract/index.ts';
import type { Question, Sort } from '../api/videos.ts';

const SORTS: readonly Sort[] = ['newest', 'oldest', 'name', 'longest'];

/** What the states are called, in groups as people ask for them. */
export const GROUPS = [
  { name: 'all', says: 'All', states: [] },
  { name: 'ready', says: 'Ready', states: ['completed'] },
  { name: 'working', says: 'In work', states: ['waiting', 'active', 'delayed'] },
  { name: 'failed', says: 'Failed', states: ['failed', 'cancelled'] },
] as const satisfies readonly { name: string; says: string; states: readonly VideoState[] }[];

export type GroupName = (typeof GROUPS)[number]['name'];

/** The part of the address after `?`, as a question to the library. */
export function readQuestion(query: URLSearchParams): Question & { readonly group: GroupName } {
  const group = GROUPS.find(({ name }) => name === query.get('show')) ?? GROUPS[0];
  return {
    q: query.get('q') ?? '',
    tags: query.getAll('tag'),
    states: group.states,
    sort: SORTS.find((sort) => sort === query.get('sort')) ?? 'newest',
    group: group.name,
  };
}

/** The address of a question. */
export function addressOf({ q, tags, sort, group }: Omit<ReturnType<typeof readQuestion>, 'states'>): string {
  const query = new URLSearchParams();
  if (q !== '') query.set('q', q);
  for (const tag of tags) query.append('tag', tag);
  if (group !== 'all') query.set('show', group);
  if (sort !== 'newest') query.set('sort', sort);
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}
