import { FramescribeError } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import type { Store } from '../storage/store.ts';
import { sign } from './assemble.ts';
import { digestOf, readCorrected } from './corrected.ts';
import type { Check } from './verify.ts';

/**
 * Whether a corrected result is of the model's result and the edits beside it, and whether what it shows as a person's is
 * what that person said.
 */
export async function checkEdits(name: string, store: Store, result: Result): Promise<Check> {
  const title = 'what people corrected is in edits.json, and what the model made in machine.json';
  try {
    const { machine, edits } = await readCorrected(store, name);
    const { digest, ...unsigned } = machine;
    const said = new Map(edits.edits.map((edit) => [edit.id, edit]));
    const shown = marksIn(result);
    const faults = [
      ...(sign(unsigned).digest === digest ? [] : ["machine.json hasn't the digest that it names"]),
      ...(result.edited?.machine === digest ? [] : ["machine.json isn't what was corrected"]),
      ...(result.edited?.edits === digestOf(edits) ? [] : ["edits.json isn't what it was corrected by"]),
      ...shown.flatMap(({ id, kind, text }) => {
        const edit = said.get(id);
        const words = edit && 'text' in edit ? edit.text : edit && ('title' in edit ? edit.title : edit.name);
        return edit?.kind === kind && words === text ? [] : [`“${text}”: the edit ${id} doesn't say so`];
      }),
    ];
    return { name: title, checked: edits.edits.length, faults };
  } catch (error) {
    return { name: title, checked: 0, faults: [FramescribeError.from(error).message] };
  }
}

interface Mark {
  readonly id: string;
  readonly kind: 'caption' | 'tag' | 'chapter' | 'sentence';
  readonly text: string;
}

/** All that a result shows as a person's. */
function marksIn({ keyframes, tags, chapters, summary }: Result): readonly Mark[] {
  const mark = (kind: Mark['kind'], id: string | undefined, text: string) =>
    id === undefined ? [] : [{ id, kind, text }];
  return [
    ...keyframes.flatMap(({ captions }) => captions.flatMap(({ edit, text }) => mark('caption', edit, text))),
    ...tags.flatMap(({ edit, name }) => mark('tag', edit, name)),
    ...chapters.flatMap(({ edit, title }) => mark('chapter', edit, title)),
    ...summary.sentences.flatMap(({ edit, text }) => mark('sentence', edit, text)),
  ];
}
