/**
 * Which things a caption names, and whether others named them too: the table of `training/things.txt`, read here and in
 * training alike. A thing's groups are the sets of its group's name and all wider ones.
 */
export interface Things {
  readonly groups: ReadonlyMap<string, readonly ReadonlySet<string>[]>;
}

/**
 * Reads a table of lines `group [< wider group]: words`; a line with `#` is a comment. A wider group comes before its
 * narrower ones, and a word may be in several groups.
 */
export function parseThings(text: string): Things {
  const wider = new Map<string, ReadonlySet<string>>();
  const groups = new Map<string, ReadonlySet<string>[]>();
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const [head = '', members = ''] = line.split(':');
    const [name = '', parent = ''] = head.split('<').map((part) => part.trim());
    const group = new Set([...(wider.get(parent) ?? []), name]);
    wider.set(name, group);
    for (const word of members.split(/\s+/).filter(Boolean)) groups.set(word, [...(groups.get(word) ?? []), group]);
  }
  return { groups };
}

/** The words of a caption that name things of the table, in order. */
export function thingsOf(words: readonly string[], { groups }: Things): readonly string[] {
  return words.filter((word) => groups.has(word));
}

/** Whether two words may mean the same thing: one's group is the other's or wider. */
export function agree(one: string, other: string, { groups }: Things): boolean {
  return (groups.get(one) ?? []).some((a) => (groups.get(other) ?? []).some((b) => isWithin(a, b) || isWithin(b, a)));
}

/**
 * Whether a word is the name of a group that holds another: `person` covers `boy` and `skier`, `skier` covers neither, as
 * it's no group's name.
 */
export function covers(word: string, other: string, { groups }: Things): boolean {
  return (groups.get(other) ?? []).some((group) => group.has(word));
}

/** Whether a caption names a thing that none of the references names. */
export function isInvented(caption: readonly string[], references: Words, things: Things): boolean {
  return thingsOf(caption, things).some((word) => support(word, references, things) === 0);
}

/** Whether at least two references (or the only one) name the first thing that a caption names. */
export function isMainThingRight(caption: readonly string[], references: Words, things: Things): boolean {
  const [main] = thingsOf(caption, things);
  return main !== undefined && support(main, references, things) >= Math.min(2, references.length);
}

type Words = readonly (readonly string[])[];

function support(word: string, references: Words, things: Things): number {
  return references.filter((reference) => reference.some((other) => agree(word, other, things))).length;
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  for (const name of some) if (!all.has(name)) return false;
  return true;
}
